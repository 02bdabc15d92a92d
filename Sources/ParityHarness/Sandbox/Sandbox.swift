import Comparison
import Foundation
import Glibc

/// One run of one scenario, in network, PID and mount namespaces of its own.
package struct Sandbox: Sendable {
    /// Tree that is copied to `/srv/ringrift/ai-service`; nil: an empty directory.
    package var tree: String?
    /// Shell command of the node, with `{args}`.
    package var command: String
    /// Variables for the node.
    package var environment: [String: String]
    package var python: String?
    package var executable: String
    /// Directory for the observations; nil: with the run, removed afterwards.
    package var output: String?
    /// False: without namespaces, in a private directory (`--no-sandbox`); one at a time only.
    package var isolated = true
    /// Seconds after which the run is given up; nil: as the scenario's length says.
    package var limit: Double?
    /// nil: real time.
    var determinism: Determinism?

    package init(
        tree: String?, command: String, environment: [String: String], python: String?, executable: String,
        output: String? = nil
    ) {
        self.tree = tree
        self.command = command
        self.environment = environment
        self.python = python
        self.executable = executable
        self.output = output
    }

    /// The words before the program that give it namespaces of its own; without root in a user namespace.
    static var unshare: [String] {
        ["unshare"] + (getuid() == 0 ? [] : ["-U", "-r"])
            + ["-n", "-m", "-p", "--fork", "--mount-proc", "--kill-child"]
    }

    /// Says in one line why no sandbox can be made here; nil when one can.
    package static func obstacle() -> String? {
        guard let said = try? PipeEnds(),
            let child = try? ChildProcess(
                unshare + ["/bin/sh", "-c", "mount -t tmpfs none /tmp"],
                environment: ProcessInfo.processInfo.environment, output: said.writing)
        else { return "no sandbox: the program 'unshare' (package util-linux) is missing" }
        said.closeWriting()
        let text = said.readToEnd()
        if child.wait() == 0 { return nil }
        let why = text.split(separator: "\n").first.map(String.init) ?? "refused"
        return
            (getuid() == 0
            ? "no sandbox: this machine allows root no new namespaces"
            : "no sandbox: not root, and user namespaces are not allowed here")
            + " (\(why)); --no-sandbox does without"
    }

    /// What a person must know who plays without namespaces.
    package static let warning =
        "no sandbox: /proc, /dev/shm, /tmp/ringrift_coordination and the network are the machine's own"

    /// Plays the scenario and returns what was observed. Blocks; nothing is left running when it returns.
    /// - Parameter progress: called with short lines (`up`, `step 3/20`).
    /// - Throws: ``ParityError`` in one line, or ``Interruption/Caught``.
    package func play(_ scenario: Scenario, progress: (String) -> Void) throws -> RunObservation {
        try Interruption.check()
        let directory = try TemporaryDirectory(template: "\(Self.temporary)/ringrift-parity-\(getpid())-XXXXXX")
        defer { withExtendedLifetime(directory) {} }
        let run = directory.path
        let place = isolated ? .sealed : try SandboxPlace.makePrivate()
        defer {
            place.endProcesses()
            place.remove()
        }
        if !isolated { try PlainFile.write(Array(place.root.utf8), to: run + "/place") }
        let output = self.output ?? run + "/out"
        try PlainFile.makeDirectory(output)
        try copyTree(to: isolated ? run + "/ringrift/ai-service" : place.tree)
        let file = run + "/scenario.json"
        try PlainFile.write(Array(place.inward(String(decoding: scenario.text(), as: UTF8.self)).utf8), to: file)
        let venv = isolated ? SandboxVenv(command: command, environment: environment, python: python) : nil
        let inward = { (text: String) in venv?.inward(place.inward(text)) ?? place.inward(text) }
        let job = SandboxJob(
            scenario: file, run: run, output: output, command: inward(command), python: python.map(inward),
            environment: environment.mapValues(inward), executable: executable, root: place.root,
            venv: venv?.directory, determinism: determinism)
        try PlainFile.write(job.text(), to: run + "/job.json")
        do {
            try start(job: run + "/job.json", scenario: scenario, progress: progress)
        } catch let error as ParityError where !isolated {
            try? place.normalize(files: "\(output)/\(scenario.name)")
            throw ParityError(error.description.replacing(place.root, with: SandboxMounts.root))
        }
        try place.normalize(files: "\(output)/\(scenario.name)")
        return try RecordingReader.read(prefix: "\(output)/\(scenario.name)")
    }

    /// Where runs have their files: `TMPDIR`, else `/var/tmp`.
    private static var temporary: String {
        let named = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
        return named.hasPrefix("/") && FileManager.default.fileExists(atPath: named) ? named : "/var/tmp"
    }

    /// Removes what harnesses that were killed left behind; their processes ended with them.
    package static func sweep() {
        TemporaryDirectory.sweep(temporary, prefix: "ringrift-parity-") { run in
            guard let root = try? String(contentsOfFile: run + "/place", encoding: .utf8),
                root.wholeMatch(of: #/\/tmp\/r-[A-Za-z0-9]{6}/#) != nil
            else { return }
            SandboxPlace(root: root).endProcesses()
            SandboxPlace(root: root).remove()
        }
    }

    /// Left by earlier runs in a tree that was used.
    private static let leftovers = [
        "logs/p2p_orchestrator", "data/coordination", "data/coordination.db", "data/.manifest_cache.json",
        "data/elo_sync_state.json",
    ]

    private func copyTree(to target: String) throws {
        try PlainFile.makeDirectory((target as NSString).deletingLastPathComponent)
        guard let tree else { return try PlainFile.makeDirectory(target) }
        let said = try PipeEnds()
        let child = try ChildProcess(
            ["cp", "-r", tree, target], environment: ProcessInfo.processInfo.environment, output: said.writing)
        said.closeWriting()
        let text = said.readToEnd()
        if child.wait() != 0 {
            try Interruption.check()
            let line = text.split(separator: "\n").first.map(String.init) ?? "cp failed"
            // Of "cp: error writing 'PATH': No space left on device" the reason; the path is a temporary one.
            let reason = line.range(of: "': ", options: .backwards).map { String(line[$0.upperBound...]) } ?? line
            throw ParityError("cannot copy the tree \(tree): \(reason)")
        }
        for path in Self.leftovers { try? FileManager.default.removeItem(atPath: "\(target)/\(path)") }
    }
}
