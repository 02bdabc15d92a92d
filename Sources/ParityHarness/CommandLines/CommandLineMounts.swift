import Foundation
import Glibc
import PythonSemantics

/// The file systems of a command-line case inside its namespaces, on top of ``SandboxMounts``: sizes that a program
/// can see are fixed, and so are memory and processors.
enum CommandLineMounts {
    /// Outputs of the commands, texts bound over `/proc`.
    static let work = "/srv/ringrift-work"
    /// What replaced programs read and write.
    static let stubs = work + "/stub"
    static let calls = stubs + "/spawned.jsonl"
    static let behaviours = stubs + "/spec.json"
    static let hostName = "ringrift-cli"
    /// Directories beside the tree whose files are recorded.
    static let outside = ["/tmp/ringrift_coordination", "/tmp/ringrift_coordinator", SandboxMounts.home]

    /// Left in a tree by earlier runs; not part of what a case starts from.
    private static let leftovers = [
        "logs/p2p_orchestrator", "data/coordination", "data/coordination.db", "data/.manifest_cache.json",
        "data/elo_sync_state.json",
    ]
    private static let directories = ["app/training", "config", "data", "data/tournaments", "logs", "scripts"]

    /// - Parameters:
    ///   - run: has `ringrift` in it.
    ///   - disk: size of the tree's file system.
    static func set(run: String, tree: String?, disk: String) throws {
        // The tree may lie where the sandbox puts its own directories.
        let source = run + "/tree"
        try SandboxMounts.makeDirectory(source)
        if let tree { try SandboxMounts.bind(tree, source) }
        try SandboxMounts.set(run: run)
        let sizes = [
            (SandboxMounts.root, disk), (SandboxMounts.programs, "64m"), (work, "1g"), (SandboxMounts.home, "64m"),
            (outside[0], "1g"), (outside[1], "1g"), ("/dev/shm", "1g"),
        ]
        for (path, size) in sizes {
            try SandboxMounts.makeDirectory(path)
            guard mount("none", path, "tmpfs", 0, "size=\(size),mode=755") == 0 else {
                throw ParityError("cannot mount a tmpfs of \(size) on \(path): \(String(cString: strerror(errno)))")
            }
        }
        if sethostname(hostName, hostName.utf8.count) != 0 {
            throw ParityError("cannot set the host name in the sandbox: \(String(cString: strerror(errno)))")
        }
        try copy(source)
        try SandboxMounts.makeDirectory(stubs)
    }

    private static func copy(_ source: String) throws {
        let pipe = Pipe()
        let child = try ChildProcess(
            ["cp", "-r", "--reflink=auto", "--preserve=mode,timestamps", source, SandboxMounts.tree],
            environment: ProcessInfo.processInfo.environment, output: pipe.fileHandleForWriting.fileDescriptor)
        try? pipe.fileHandleForWriting.close()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        if child.wait() != 0 {
            throw ParityError(said.split(separator: "\n").first.map(String.init) ?? "the tree cannot be copied")
        }
        for path in leftovers { try? FileManager.default.removeItem(atPath: SandboxMounts.tree + "/" + path) }
        for path in directories { try SandboxMounts.makeDirectory(SandboxMounts.tree + "/" + path) }
    }

    /// Binds texts over `/proc/meminfo`, `/proc/stat` and what the case names.
    static func bind(proc own: [(name: String, text: PyString)]) throws {
        var texts: [(name: String, bytes: [UInt8])] = [
            ("meminfo", Array(meminfo.utf8)), ("stat", Array(try procStat().utf8)),
        ]
        for (name, text) in own {
            texts.removeAll { $0.name == name }
            texts.append((name, text.utf8))
        }
        for (name, bytes) in texts {
            try change(proc: name, bytes)
            try SandboxMounts.bind(work + "/" + name, "/proc/" + name)
        }
    }

    /// A new text for a file that is bound over `/proc`.
    static func change(proc name: String, _ bytes: [UInt8]) throws {
        guard CommandLinePaths.write(bytes, to: work + "/" + name) else {
            throw ParityError("\(work)/\(name): \(String(cString: strerror(errno)))")
        }
    }

    /// The machine's own figures, which then stand still.
    private static func procStat() throws -> String {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: "/proc/stat")) else {
            throw ParityError("/proc/stat cannot be read")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// 128 GB, 120 of them free.
    private static let meminfo: String = [
        ("MemTotal", 134_217_728), ("MemFree", 120_000_000), ("MemAvailable", 125_829_120), ("Buffers", 500_000),
        ("Cached", 4_000_000), ("SwapCached", 0), ("Active", 3_000_000), ("Inactive", 2_000_000), ("Shmem", 10_000),
        ("SReclaimable", 300_000), ("Slab", 500_000), ("SwapTotal", 0), ("SwapFree", 0),
    ].map { name, size in
        // Names and sizes fill columns of 16 and 8, as the kernel prints them.
        let head = (name + ":").padding(toLength: 16, withPad: " ", startingAt: 0)
        let digits = String(size)
        return head + String(repeating: " ", count: max(0, 8 - digits.count)) + digits + " kB\n"
    }.joined()
}
