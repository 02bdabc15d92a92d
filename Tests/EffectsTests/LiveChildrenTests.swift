import Effects
import Foundation
import PythonSemantics
import Testing

/// Children that are started and left to themselves.
@Suite struct LiveChildrenTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func child(
        _ arguments: [PyValue], directory: String? = nil, environment: [String: PyString] = [:],
        log: String = "run.log",
        appends: Bool = true
    ) -> ChildRequest {
        ChildRequest(
            arguments, directory: PyString(directory ?? scratch.path), environment: environment,
            log: PyString(log.hasPrefix("/") ? log : scratch.path + "/" + log), appendsToLog: appends)
    }

    private func log(_ name: String = "run.log") throws -> String {
        try String(contentsOfFile: scratch.path + "/" + name, encoding: .utf8)
    }

    /// Reaped by whoever watches: the kernel knows it no more.
    private func waitUntilReaped(_ pid: Int32) {
        while kill(pid, 0) == 0 { usleep(1000) }
    }

    @Test func directoryEnvironmentAndLog() throws {
        let processes = LiveProcesses()
        let script = "pwd; echo \"$JOB_ORIGIN $HOME_OF_TEST\"; echo wrong >&2; ls /proc/self/fd | wc -l"
        for _ in 0..<2 {
            waitUntilReaped(
                try processes.start(
                    child(["sh", "-c", .string(PyString(script))], environment: ["JOB_ORIGIN": "p2p"])))
        }
        // Three descriptors and the one of the directory that is listed.
        let once = "\(scratch.path)\np2p \nwrong\n4\n"
        #expect(try log() == once + once)
        waitUntilReaped(try processes.start(child(["sh", "-c", "echo new"], appends: false)))
        #expect(try log() == "new\n")
    }

    /// The node ignores SIGTERM and SIGINT and blocks what it handles itself: a job must not inherit that.
    @Test func signalsAreAsTheyWere() throws {
        let before = Foundation.signal(SIGTERM, SIG_IGN)
        defer { _ = Foundation.signal(SIGTERM, before) }
        let processes = LiveProcesses()
        waitUntilReaped(try processes.start(child(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"])))
        // glibc's posix_spawn ignores the two signals (32, 33) that it keeps for itself and gives to nobody.
        let shown = try log().replacing("0000000180000000", with: "0000000000000000")
        #expect(shown == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n")
        let pid = try processes.start(child(["sleep", "600"]))
        try processes.signal(pid, SIGTERM)
        waitUntilReaped(pid)
    }

    /// A child that has ended is reaped at once and counts until it is collected, as a zombie of Python's does.
    @Test func endedChildrenCountUntilCollected() throws {
        let processes = LiveProcesses()
        let pid = try processes.start(child(["true"]))
        waitUntilReaped(pid)
        while !processes.isRunning(pid: pid) { usleep(1000) }
        try processes.signal(pid, SIGKILL)
        #expect(processes.collect())
        #expect(!processes.collect())
        #expect(!processes.isRunning(pid: pid))
        #expect { try processes.signal(pid, SIGKILL) } throws: {
            ($0 as? PyException)?.message == "[Errno 3] No such process"
        }
    }

    /// What others leave as a zombie is gone; what others run is there, and takes signals from here.
    @Test func processesOfOthers() throws {
        let parent = Process()
        parent.executableURL = URL(fileURLWithPath: "/bin/sh")
        parent.arguments = ["-c", "true & echo $!; exec sleep 600"]
        let output = Pipe()
        parent.standardOutput = output
        try parent.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let zombie = try #require(Int32(line.trimmingCharacters(in: .whitespacesAndNewlines)))
        let processes = LiveProcesses()
        while try String(contentsOfFile: "/proc/\(zombie)/stat", encoding: .utf8).contains(") Z") == false {
            usleep(1000)
        }
        #expect(kill(zombie, 0) == 0)
        #expect(!processes.isRunning(pid: zombie))
        #expect(processes.isRunning(pid: parent.processIdentifier))
        // A child of Foundation begins with the mask of a pool thread, which blocks SIGTERM.
        try processes.signal(parent.processIdentifier, SIGKILL)
        parent.waitUntilExit()
        #expect(parent.terminationStatus == SIGKILL)
    }

    /// Texts of CPython 3.11's `subprocess.Popen`.
    @Test(
        arguments: [
            (["python3", 5], "TypeError", "expected str, bytes or os.PathLike object, not int"),
            (["python3", .none], "TypeError", "expected str, bytes or os.PathLike object, not NoneType"),
            (["python3", "a\0b"], "ValueError", "embedded null byte"),
            (["no-such-program-x"], "FileNotFoundError", "[Errno 2] No such file or directory: 'no-such-program-x'"),
            (["/etc"], "PermissionError", "[Errno 13] Permission denied: '/etc'"),
            (["/etc/passwd"], "PermissionError", "[Errno 13] Permission denied: '/etc/passwd'"),
        ] as [([PyValue], String, String)])
    func refusals(_ arguments: [PyValue], _ type: String, _ message: String) throws {
        #expect { try LiveProcesses().start(child(arguments)) } throws: {
            let error = $0 as? PyException
            return error?.type == type && error?.message == message
        }
        // As in the legacy, which opens the log first.
        #expect(try log() == "")
    }

    @Test func refusedDirectoriesAndLogs() throws {
        func text(_ request: ChildRequest) -> String? {
            do { _ = try LiveProcesses().start(request) } catch { return error.message }
            return nil
        }
        #expect(text(child(["true"], directory: "/none")) == "[Errno 2] No such file or directory: '/none'")
        #expect(text(child(["true"], directory: "/etc/passwd")) == "[Errno 20] Not a directory: '/etc/passwd'")
        #expect(text(child(["true"], log: "/none/x")) == "[Errno 2] No such file or directory: '/none/x'")
        #expect(text(child(["true"], log: "/etc")) == "[Errno 21] Is a directory: '/etc'")
    }

    @Test func ownProcessesEndAtTheFirst() {
        let own = LiveProcesses().ownProcesses()
        #expect(own.first == getpid())
        #expect(own.contains(getppid()))
    }

    @Test func filesBelow() throws {
        let files = LiveFiles()
        for name in ["a.log", "b.txt", "deep/er/c.log"] {
            try files.createDirectory(scratch.path + "/deep/er")
            try files.replace(scratch.path + "/" + name, with: [1])
        }
        symlink(scratch.path + "/deep", scratch.path + "/link")
        symlink("/none", scratch.path + "/dead.log")
        let found = files.entries(below: scratch.path, suffix: ".log")
        #expect(Set(found.map(\.path)) == Set(["a", "dead", "deep/er/c"].map { "\(scratch.path)/\($0).log" }))
        #expect(found.last?.path == scratch.path + "/deep/er/c.log")
        #expect(found.filter { $0.modified == nil }.map(\.path) == [scratch.path + "/dead.log"])
        try files.remove(scratch.path + "/a.log")
        #expect(!files.exists(scratch.path + "/a.log"))
        #expect(files.resolve(scratch.path + "/link/../new/./x/../y") == files.resolve(scratch.path) + "/new/y")
    }
}
