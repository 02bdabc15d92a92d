import Foundation
import PythonSemantics

extension Effects {
    /// Names the directory of a deterministic run: `clock.sock`, `seed`, `probes.json`.
    package static let deterministicVariable = "RINGRIFT_DETERMINISTIC"

    /// The real world, or the one a parity harness controls when `RINGRIFT_DETERMINISTIC` names its directory.
    ///
    /// - Returns: the transport, too, because it must be shut down at the end of the node.
    /// - Throws: `VirtualClockLink.Failure` when the directory does not hold what it must.
    package static func chosen(
        environment: [String: String]
    ) throws(VirtualClockLink.Failure) -> (effects: Effects, transport: LivePeers) {
        guard let directory = environment[deterministicVariable], !directory.isEmpty else { return live() }
        guard let seed = FileManager.default.contents(atPath: directory + "/seed") else {
            throw VirtualClockLink.Failure(description: "\(directory)/seed: cannot be read")
        }
        guard let data = FileManager.default.contents(atPath: directory + "/probes.json"),
            let probes = FixedProbes(json: Array(data))
        else { throw VirtualClockLink.Failure(description: "\(directory)/probes.json: no fixed probes") }
        let clock = try VirtualClockLink.connect(path: directory + "/clock.sock", name: "node")
        let text = String(decoding: seed, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        var (effects, transport) = live()
        effects.clock = clock
        effects.identifiers = LabelledStreams(seed: text)
        effects.probes = probes
        effects.peers = VirtualPeers(transport, clock: clock)
        return (effects, transport)
    }
}
