import Foundation
import PythonSemantics
import Testing

@testable import Effects

/// Outcomes as `subprocess.run(..., capture_output=True, text=True, timeout=…)` of Python reports them.
@Suite struct LiveProcessesTests {
    private let processes = LiveProcesses()

    private func run(_ arguments: [String], directory: String? = nil, timeout: Double = 60) async -> ProcessOutcome {
        await processes.run(ProcessRequest(arguments, directory: directory, timeout: timeout))
    }

    @Test(arguments: [
        (["true"], ProcessOutcome.exited(status: 0, output: "", errorOutput: "")),
        (["/bin/sh", "-c", "exit 7"], .exited(status: 7, output: "", errorOutput: "")),
        (["sh", "-c", "echo out; echo err >&2; exit 3"], .exited(status: 3, output: "out\n", errorOutput: "err\n")),
        (["sh", "-c", "kill -9 $$"], .exited(status: -9, output: "", errorOutput: "")),
        (["sh", "-c", "kill -TERM $$"], .exited(status: -15, output: "", errorOutput: "")),
        (["sh", "-c", "kill -INT $$"], .exited(status: -2, output: "", errorOutput: "")),
        // Nothing that the starting thread blocks is passed on.
        (
            ["sh", "-c", "grep SigBlk: /proc/self/status"],
            .exited(status: 0, output: "SigBlk:\t0000000000000000\n", errorOutput: "")
        ),
        (["sh", "-c", "cat"], .exited(status: 0, output: "", errorOutput: "")),
        (["nope-prog"], .notStarted("[Errno 2] No such file or directory: 'nope-prog'")),
        (["/nope/prog"], .notStarted("[Errno 2] No such file or directory: '/nope/prog'")),
        (["/etc/passwd"], .notStarted("[Errno 13] Permission denied: '/etc/passwd'")),
        (["/tmp"], .notStarted("[Errno 13] Permission denied: '/tmp'")),
    ])
    func outcomes(_ arguments: [String], _ expected: ProcessOutcome) async {
        #expect(await run(arguments) == expected)
    }

    @Test func directory() async throws {
        #expect(await run(["pwd"], directory: "/usr") == .exited(status: 0, output: "/usr\n", errorOutput: ""))
        #expect(
            await run(["true"], directory: "/nope") == .notStarted("[Errno 2] No such file or directory: '/nope'"))
        let scratch = try Scratch()
        let file = try scratch.file("f")
        #expect(await run(["true"], directory: file) == .notStarted("[Errno 20] Not a directory: '\(file)'"))
    }

    /// More than a pipe holds, on both streams at once.
    @Test func muchOutput() async {
        let script = "head -c 1000000 /dev/zero | tr '\\0' a; head -c 1000000 /dev/zero | tr '\\0' b >&2"
        let text = { (letter: String) in String(repeating: letter, count: 1_000_000) }
        #expect(
            await run(["sh", "-c", script]) == .exited(status: 0, output: text("a"), errorOutput: text("b")))
    }

    /// The child would run for an hour; that this returns is the test.
    @Test func aLateChildIsKilled() async throws {
        let scratch = try Scratch()
        let file = scratch.path + "/pid"
        let outcome = await run(["sh", "-c", "echo $$ > \(file); exec sleep 3600"], timeout: 2)
        #expect(outcome == .timedOut)
        let pid = try #require(
            Int32(
                String(decoding: LiveFiles().read(file), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        )
        #expect(!LiveProbes().isAlive(pid: pid))
    }
}

@Suite struct LiveProbesTests {
    private let probes = LiveProbes()

    @Test func thisMachine() throws {
        #expect(probes.procFile("meminfo")?.contains("MemTotal:") == true)
        #expect(probes.procFile("no-such-file") == nil)
        #expect(probes.processorCount() >= 1)
        let usage = try #require(probes.fileSystem(at: "/"))
        #expect(usage.blocks > 0 && usage.free <= usage.blocks && usage.available <= usage.free)
        #expect(probes.fileSystem(at: "/nope") == nil)
        #expect(probes.isAlive(pid: getpid()))
        // Process 1 belongs to somebody else, or to us: alive in both cases.
        #expect(probes.isAlive(pid: 1))
        #expect(!probes.isAlive(pid: Int32.max))
        #expect(!probes.hostName().isEmpty)
        #expect(probes.localAddress().split(separator: ".").count == 4)
    }

    @Test func commandLines() throws {
        let own = try #require(probes.commandLines().first { $0.pid == getpid() })
        #expect(own.line == CommandLine.arguments.joined(separator: " "))
    }
}
