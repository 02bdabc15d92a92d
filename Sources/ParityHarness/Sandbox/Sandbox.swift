import Comparison
import Foundation
import Glibc

/// One run of one scenario in network, PID and mount namespaces of its own.
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
    /// nil: real time.
    var determinism: Determinism?

    init(
        tree: String?, command: String, environment: [String: String], python: String?, executable: String,
        output: String? = nil, determinism: Determinism? = nil
    ) {
        self.tree = tree
        self.command = command
        self.environment = environment
        self.python = python
        self.executable = executable
        self.output = output
        self.determinism = determinism
    }

    /// The words before the program that give it namespaces of its own; without root in a user namespace.
    static var unshare: [String] {
        ["unshare"] + (getuid() == 0 ? [] : ["-U", "-r"])
            + ["-n", "-m", "-p", "--fork", "--mount-proc", "--kill-child"]
    }

    /// Says in one line why no sandbox can be made here; nil when one can.
    package static func obstacle() -> String? {
        let pipe = Pipe()
        guard
            let child = try? ChildProcess(
                unshare + ["/bin/sh", "-c", "mount -t tmpfs none /tmp"],
                environment: ProcessInfo.processInfo.environment, output: pipe.fileHandleForWriting.fileDescriptor)
        else { return "no sandbox: the program 'unshare' (package util-linux) is missing" }
        try? pipe.fileHandleForWriting.close()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        if child.wait() == 0 { return nil }
        let why = String(decoding: data, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? "refused"
        return getuid() == 0
            ? "no sandbox: this machine allows root no new namespaces (\(why))"
            : "no sandbox: not root, and user namespaces are not allowed here (\(why))"
    }

    /// Plays the scenario and returns what was observed. Blocks; nothing is left running when it returns.
    /// - Parameter progress: called with short lines (`up`, `step 3/20`).
    package func play(_ scenario: Scenario, progress: (String) -> Void) throws -> RunObservation {
        let run = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: run) }
        let output = self.output ?? run + "/out"
        try make(output)
        try copyTree(to: run + "/ringrift/ai-service")
        let file = run + "/scenario.json"
        try Data(scenario.text()).write(to: URL(fileURLWithPath: file))
        let job = SandboxJob(
            scenario: file, run: run, output: output, command: command, python: python, environment: environment,
            executable: executable, determinism: determinism)
        try Data(job.text()).write(to: URL(fileURLWithPath: run + "/job.json"))
        try start(job: run + "/job.json", progress: progress)
        return try RecordingReader.read(prefix: "\(output)/\(scenario.name)")
    }

    private func start(job: String, progress: (String) -> Void) throws {
        let lifeline = Pipe()
        let said = Pipe()
        let wrong = FileManager.default.temporaryDirectory.appendingPathComponent("parity-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: wrong.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: wrong) }
        let errors = open(wrong.path, O_WRONLY | O_CLOEXEC)
        defer { close(errors) }
        // The other ends of the pipes must not live on in the child, or the end of this process goes unseen.
        for handle in [
            lifeline.fileHandleForWriting, lifeline.fileHandleForReading, said.fileHandleForReading,
            said.fileHandleForWriting,
        ] {
            _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        let child = try ChildProcess(
            Self.unshare + [executable, "parity", "__inside", job],
            environment: ProcessInfo.processInfo.environment, input: lifeline.fileHandleForReading.fileDescriptor,
            output: said.fileHandleForWriting.fileDescriptor, errors: errors)
        try? said.fileHandleForWriting.close()
        var pending = Data()
        while true {
            let data = said.fileHandleForReading.availableData
            if data.isEmpty { break }
            pending.append(data)
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                progress(String(decoding: pending[..<end], as: UTF8.self))
                pending.removeSubrange(...end)
            }
        }
        let code = child.wait()
        withExtendedLifetime(lifeline) {}
        if code != 0 {
            let text = String(decoding: FileManager.default.contents(atPath: wrong.path) ?? Data(), as: UTF8.self)
            throw ParityError(text.split(separator: "\n").last.map(String.init) ?? "the sandbox ended with \(code)")
        }
    }

    /// Removes what harnesses that were killed left in `/var/tmp`; their processes ended with them.
    package static func sweep() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/var/tmp")) ?? [] {
            let parts = name.split(separator: "-")
            guard name.hasPrefix("ringrift-parity-"), parts.count == 4, let pid = pid_t(parts[2]), kill(pid, 0) != 0,
                errno == ESRCH
            else { continue }
            try? FileManager.default.removeItem(atPath: "/var/tmp/" + name)
        }
    }

    private func temporaryDirectory() throws -> String {
        var template = Array("/var/tmp/ringrift-parity-\(getpid())-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ParityError("/var/tmp: \(String(cString: strerror(errno)))")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func make(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw ParityError("\(path): cannot be created")
        }
    }

    /// Left by earlier runs in a tree that was used.
    private static let leftovers = [
        "logs/p2p_orchestrator", "data/coordination", "data/coordination.db", "data/.manifest_cache.json",
        "data/elo_sync_state.json",
    ]

    private func copyTree(to target: String) throws {
        try make((target as NSString).deletingLastPathComponent)
        guard let tree else { return try make(target) }
        let pipe = Pipe()
        let child = try ChildProcess(
            ["cp", "-r", tree, target], environment: ProcessInfo.processInfo.environment,
            output: pipe.fileHandleForWriting.fileDescriptor)
        try? pipe.fileHandleForWriting.close()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        if child.wait() != 0 { throw ParityError(said.split(separator: "\n").first.map(String.init) ?? "cp failed") }
        for path in Self.leftovers { try? FileManager.default.removeItem(atPath: "\(target)/\(path)") }
    }
}
