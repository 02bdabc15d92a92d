import Foundation
import Glibc
import Testing

@testable import ParityHarness

/// A place to make things go wrong in: a tiny node, scenarios for it, and the harness as a program whose exit status,
/// output and remains are looked at.
final class FailureLab {
    struct Outcome {
        var code: Int
        var output: String
        var errors: String

        /// The lines on standard error that are no progress.
        var complaints: [String] {
            errors.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("[") }
        }
    }

    static let usable = SandboxTests.usable && access("/usr/bin/perl", X_OK) == 0

    /// The public scenarios and recordings, beside the project or where this machine has them.
    static let published: String = {
        let beside = ProjectFiles.parity + "/../../shared/recordings"
        return FileManager.default.fileExists(atPath: beside) ? beside : "/work/shared/recordings"
    }()

    let base: String
    /// In the environment of everything that is started, to find what is left running.
    private let mark = UUID().uuidString

    init() throws {
        base = FileManager.default.temporaryDirectory.appendingPathComponent("lab-\(UUID().uuidString)").path
        for path in ["scenarios", "tmp", "tree/scripts"] { try PlainFile.makeDirectory("\(base)/\(path)") }
        try write(Self.node, "node.pl")
        try write("", "tree/scripts/p2p_orchestrator.py")
        try write("", "none.yaml")
        // Takes the place of an interpreter: `python -u scripts/p2p_orchestrator.py ARGS`.
        try write("#!/bin/sh\nexec /usr/bin/perl \(base)/node.pl \"$@\"\n", "python")
        chmod(base + "/python", 0o755)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: base)
    }

    /// Answers every path; `/die` and `/hang` do so unless told to be TOUGH.
    private static let node = """
        use IO::Socket::INET; $| = 1;
        if ($ENV{DEAD}) { print "no way\\n"; exit 3 }
        my ($port) = "@ARGV" =~ /--port (\\d+)/;
        $SIG{TERM} = $ENV{STUBBORN} ? 'IGNORE' : sub { exit 0 };
        $SIG{INT} = sub { exit 4 };
        my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 9, ReuseAddr => 1)
            or do { print "cannot bind: $!\\n"; exit 5 };
        while (1) {
            my $client = $socket->accept or next;
            my $line = <$client> or next;
            while (<$client>) { last if /^\\r?$/ }
            if (!$ENV{TOUGH} && $line =~ m{ /die }) { print "dying\\n"; exit 7 }
            if (!$ENV{TOUGH} && $line =~ m{ /hang }) { sleep 3600 while 1 }
            my $body = '{"home": "' . $ENV{PYTHONPATH} . '"}';
            my $length = length $body;
            print $client "HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: $length\\r\\n\\r\\n$body";
            close $client;
        }

        """

    func write(_ text: String, _ path: String) throws {
        try PlainFile.write(Array(text.utf8), to: "\(base)/\(path)")
    }

    /// A scenario `x` that asks these paths, with so many seconds for each.
    func scenario(_ paths: [String], more: String = "", timeout: Int = 2) throws {
        let steps = paths.enumerated().map {
            "{\"id\": \"\($0.offset + 1)\", \"method\": \"GET\", \"path\": \"\($0.element)\", \"timeout\": \(timeout)}"
        }
        try write(
            """
            {"name": "x", "node": {"args": ["--port", "8770"]}, "settle": 0, "after": 0, \(more)
             "steps": [\(steps.joined(separator: ", "))]}
            """, "scenarios/x.json")
    }

    var node: String { "/usr/bin/perl \(base)/node.pl {args}" }

    /// The words before every run: all steps, our scenarios, no rules, the small node as candidate.
    func run(_ arguments: [String]) -> [String] {
        ["parity", "run", "--no-noise", "--all", "--legacy-root", base + "/tree", "--legacy-python", base + "/python"]
            + judged + arguments
    }

    func replay(_ arguments: [String]) -> [String] {
        ["parity", "replay", "--all"] + judged + arguments
    }

    func record(_ arguments: [String]) -> [String] {
        ["parity", "record", "--scenarios", base + "/scenarios", "--out", base + "/out"] + arguments
    }

    private var judged: [String] {
        ["--scenarios", base + "/scenarios", "--rules", base + "/none.yaml", "--divergences", base + "/none.yaml"]
            + ["--candidate", node]
    }

    /// Starts the harness; descriptors default to files whose text ``outcome(_:)`` returns.
    func start(_ arguments: [String], before: [String] = [], output: Int32? = nil) throws -> ChildProcess {
        var environment = ParityPlaces.environment()
        environment["TMPDIR"] = base + "/tmp"
        environment["LAB"] = mark
        func file(_ name: String) -> Int32 { open("\(base)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o644) }
        let descriptors = (output ?? file("stdout"), file("stderr"))
        defer {
            if output == nil { close(descriptors.0) }
            close(descriptors.1)
        }
        return try ChildProcess(
            before + [SandboxTests.executable ?? ""] + arguments, environment: environment, output: descriptors.0,
            errors: descriptors.1)
    }

    /// - Parameter seconds: after them the harness is killed, which no test takes for an outcome: -9.
    func outcome(_ child: ChildProcess, within seconds: Double = 240) -> Outcome {
        var code = child.wait(seconds: seconds)
        if code == nil {
            kill(child.pid, SIGKILL)
            code = child.wait()
        }
        return Outcome(code: code ?? -9, output: text("stdout"), errors: text("stderr"))
    }

    func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(base)/\(name)") ?? Data(), as: UTF8.self)
    }

    func play(_ arguments: [String], before: [String] = [], output: Int32? = nil) throws -> Outcome {
        let outcome = outcome(try start(arguments, before: before, output: output))
        #expect(leftovers == [], "left behind by \(arguments)")
        return outcome
    }

    /// Processes and temporary files that should be gone.
    var leftovers: [String] {
        let mark = Data("LAB=\(mark)".utf8)
        let processes = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).filter { name in
            pid_t(name) != nil
                && FileManager.default.contents(atPath: "/proc/\(name)/environ")?.range(of: mark) != nil
        }
        return processes.map { "process \($0)" }
            + ((try? FileManager.default.contentsOfDirectory(atPath: base + "/tmp")) ?? [])
    }

    /// Waits until a file of this name, anywhere below, holds this text; as long as the harness lives, and no longer
    /// than these seconds.
    func wait(
        _ child: ChildProcess, until name: String, holds text: String, within seconds: Double = 120
    ) -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while isAlive(child.pid), ContinuousClock.now < end {
            let files = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
            for file in files where file.hasSuffix("/" + name) {
                if let data = FileManager.default.contents(atPath: "\(base)/\(file)"),
                    String(decoding: data, as: UTF8.self).contains(text)
                {
                    return true
                }
            }
            usleep(20_000)
        }
        return false
    }

    private func isAlive(_ pid: pid_t) -> Bool {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        return !text.isEmpty && !text.contains(") Z ")
    }
}
