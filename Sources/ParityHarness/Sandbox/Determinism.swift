import Foundation
import Glibc
import PythonSemantics

/// What a run on the virtual clock needs beside the scenario: part of a ``SandboxJob``.
struct Determinism: Sendable, Equatable {
    /// The root of every stream of random values.
    var seed: String
    /// `Legacy/shim/run_deterministic.py`, which runs Python programs on the clock; nil: helpers stay on real time.
    var script: String?

    /// Unix seconds at which every run starts: 2026-01-15 12:00:00 UTC. A whole number, so that sums stay exact.
    static let start = 1_768_478_400.0
    /// The same on every side, because started programs show their variables.
    static let directory = "/srv/ringrift-det"
    /// Names ``directory`` to the node.
    static let variable = "RINGRIFT_DETERMINISTIC"
    /// Process id before the node's.
    static let lastProcess = 4241

    /// The machine as both sides see it; what comes from `/proc` is bound by the scenario.
    static let probes: PyValue = [
        "processors": 4, "host_name": "ringrift-parity",
        "disk": ["fragment": 4096, "blocks": 26_214_400, "free": 19_660_800, "available": 18_350_080],
    ]

    /// Variables for the node and its helpers.
    var environment: [String: String] {
        // Sets and dictionaries of a Python side iterate in the same order in every run.
        [Self.variable: Self.directory, "PYTHONHASHSEED": "0", "TZ": "UTC"]
    }

    /// Makes ``directory`` with `seed` and `probes.json`, inside the sandbox.
    func writeDirectory() throws {
        try SandboxMounts.makeDirectory(Self.directory)
        try write(Array(seed.utf8), "seed")
        try write(try PyJSON.dumps(Self.probes), "probes.json")
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: Self.directory + "/" + name))
        } catch {
            throw ParityError("\(Self.directory)/\(name): cannot be written")
        }
    }

    /// Gives every file of the tree the start as its time, as if it had been copied then.
    static func ageFiles(of tree: String) {
        guard let walker = FileManager.default.enumerator(atPath: tree) else { return }
        let time = timespec(tv_sec: Int(start), tv_nsec: 0)
        while let path = walker.nextObject() as? String {
            utimensat(AT_FDCWD, tree + "/" + path, [time, time], AT_SYMLINK_NOFOLLOW)
        }
    }

    // MARK: in a job file

    var value: PyValue { ["seed": .string(PyString(seed)), "script": script.map { .string(PyString($0)) } ?? .none] }

    init(seed: String, script: String?) {
        self.seed = seed
        self.script = script
    }

    /// nil for a job without it.
    init?(_ value: PyValue?) {
        guard let seed = value?["seed"]?.asString else { return nil }
        self.init(seed: seed.description, script: value?["script"]?.asString?.description)
    }
}
