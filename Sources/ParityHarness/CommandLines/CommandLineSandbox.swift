import Foundation
import Glibc
import PythonSemantics

/// Plays cases with one command, each in namespaces of its own.
struct CommandLineSandbox: Sendable {
    /// What is played: one side of a comparison.
    struct Side: Sendable {
        /// Shell command with `{args}`.
        var command: String
        var environment: [(name: PyString, text: PyString)]
        /// Interpreters shown as `PY`, beside those that are plain to see.
        var interpreters: [String]
        /// Directory for the recordings; nil: they are not kept.
        var keep: String?
    }

    /// nil: an empty directory.
    let tree: String?
    let place: CommandLineWorkplace

    /// Blocks; nothing is left running when it returns.
    /// - Parameter progress: called with short lines (`command 1/3`).
    func play(
        _ play: CommandLineCase, _ side: Side, progress: (String) -> Void
    ) throws -> CommandLineRecording {
        let run = try place.directory()
        defer { try? FileManager.default.removeItem(atPath: run) }
        try SandboxMounts.makeDirectory(run + "/ringrift")
        let output = "\(run)/\(play.id).json"
        let job = CommandLineJob(
            document: play.document, run: run, output: output, command: side.command, tree: tree,
            interpreters: side.interpreters, environment: side.environment, executable: ParityPlaces.executable,
            compiled: place.compiled)
        guard CommandLinePaths.write(try job.text(), to: run + "/job.json") else {
            throw ParityError("\(run): cannot be written")
        }
        try start(job: run + "/job.json", errors: run + "/errors", progress: progress)
        let recording = try CommandLineRecording(contentsOf: output)
        if let keep = side.keep { try recording.write(to: "\(keep)/\(play.id).json") }
        return recording
    }

    private func start(job: String, errors: String, progress: (String) -> Void) throws {
        let lifeline = Pipe()
        let said = Pipe()
        let wrong = open(errors, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        defer { close(wrong) }
        // The other ends of the pipes must not live on in a child, or the end of this process goes unseen.
        for handle in [
            lifeline.fileHandleForWriting, lifeline.fileHandleForReading, said.fileHandleForReading,
            said.fileHandleForWriting,
        ] {
            _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        var namespaces = Sandbox.unshare
        namespaces.insert(contentsOf: ["-u", "-i"], at: 1)
        let child = try place.start(
            namespaces + [ParityPlaces.executable, "parity", "__cli", job],
            input: lifeline.fileHandleForReading.fileDescriptor, output: said.fileHandleForWriting.fileDescriptor,
            errors: wrong)
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
        let code = place.wait(for: child)
        withExtendedLifetime(lifeline) {}
        if code != 0 {
            let text = String(decoding: CommandLinePaths.read(errors) ?? [], as: UTF8.self)
            throw ParityError(text.split(separator: "\n").last.map(String.init) ?? "the sandbox ended with \(code)")
        }
    }
}
