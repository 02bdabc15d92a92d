import Foundation
import Glibc

/// Learns from the kernel which programs are started in the sandbox, and notes the stubbed ones before they exist: the
/// caller of `execve` is held until the line is written. So nothing can end a program before it was noted, however soon
/// it is killed and however long its interpreter takes to start, and the lines are in the order of the starts.
///
/// This is a seccomp filter with a listener (Linux 5.5). Where it is not allowed (no namespaces and not root) or not
/// there, stubs are noted by themselves alone, when they get to run.
struct StartWatch: Sendable {
    private let listener: Int32
    private let record: Int32
    private let programs: StartedProgram

    /// Watches what this thread starts from now on.
    /// - Parameter record: file to which lines are appended.
    /// - Returns: false where the kernel does not let us.
    @discardableResult
    static func begin(stubs: [Stub], place: SandboxPlace, record path: String) -> Bool {
        guard !stubs.isEmpty, let kernel = KernelCalls(), kernel.hasKnownSizes() else { return false }
        let record = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard record >= 0 else { return false }
        guard let listener = kernel.listener() else {
            close(record)
            return false
        }
        let programs = StartedProgram(stubs: stubs, place: place)
        let watch = StartWatch(listener: listener, record: record, programs: programs)
        Thread.detachNewThread { watch.run() }
        return true
    }

    /// Answers until there is nobody left who could start a program.
    private func run() {
        // struct seccomp_notif: id, pid, flags, then seccomp_data: nr, arch, instruction pointer, six arguments.
        var notice = [UInt64](repeating: 0, count: KernelCalls.noticeSize / 8)
        while true {
            for index in notice.indices { notice[index] = 0 }
            if ioctl(listener, KernelCalls.receive, &notice) != 0 {
                // ENOENT: the caller was killed meanwhile.
                if errno == EINTR || errno == ENOENT { continue }
                return
            }
            let pid = Int32(truncatingIfNeeded: notice[1] & 0xFFFF_FFFF)
            if let start = Self.start(pid: pid, file: notice[4], argv: notice[5], environment: notice[6]),
                let line = programs.line(of: start)
            {
                _ = PlainFile.write(line, to: record)
            }
            // struct seccomp_notif_resp: id, value, error and flags; 1: go on as if nobody had asked.
            var answer: [UInt64] = [notice[0], 0, 1 << 32]
            _ = ioctl(listener, KernelCalls.send, &answer)
        }
    }

    /// What a caller of `execve` that is being held wants to start.
    /// - Parameters: addresses in the caller's memory.
    private static func start(pid: Int32, file: UInt64, argv: UInt64, environment: UInt64) -> ProgramStart? {
        let memory = open("/proc/\(pid)/mem", O_RDONLY | O_CLOEXEC)
        guard memory >= 0 else { return nil }
        defer { close(memory) }
        guard let name = text(memory, at: file), let words = texts(memory, at: argv) else { return nil }
        let directory = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")
        return ProgramStart(
            pid: pid, file: name, argv: words, environment: texts(memory, at: environment) ?? [],
            directory: directory ?? "")
    }

    /// A list of pointers to texts that ends with a null pointer.
    private static func texts(_ memory: Int32, at address: UInt64) -> [String]? {
        if address == 0 { return [] }
        var found: [String] = []
        for index in 0..<UInt64(100_000) {
            var pointer: UInt64 = 0
            guard pread(memory, &pointer, 8, off_t(bitPattern: address + 8 * index)) == 8 else { return nil }
            if pointer == 0 { return found }
            guard let text = text(memory, at: pointer) else { return nil }
            found.append(text)
        }
        return nil
    }

    private static func text(_ memory: Int32, at address: UInt64) -> String? {
        let page: UInt64 = 4096
        var bytes: [UInt8] = []
        var position = address
        // One text of a call is 128 KiB at most.
        while bytes.count <= 1 << 17 {
            // What follows in the next page may not be there.
            let count = Int(page - position % page)
            var chunk = [UInt8](repeating: 0, count: count)
            guard pread(memory, &chunk, count, off_t(bitPattern: position)) == count else { return nil }
            if let end = chunk.firstIndex(of: 0) {
                return String(decoding: bytes + chunk[..<end], as: UTF8.self)
            }
            bytes += chunk
            position += UInt64(count)
        }
        return nil
    }
}

extension off_t {
    /// An address in the upper half of the memory is a negative offset.
    fileprivate init(bitPattern address: UInt64) { self = off_t(truncatingIfNeeded: Int64(bitPattern: address)) }
}

/// The system call `seccomp`, which the C library has no function for.
private struct KernelCalls {
    private typealias Call = @convention(c) (Int, Int, Int, Int) -> Int
    private let call: Call

    static let noticeSize = 80
    private static let answerSize = 24
    /// `_IOWR('!', 0, struct seccomp_notif)`, `_IOWR('!', 1, struct seccomp_notif_resp)`.
    static let receive = UInt(0xC000_2100 | noticeSize << 16)
    static let send = UInt(0xC000_2101 | answerSize << 16)

    #if arch(x86_64)
        private static let (seccomp, execve, architecture) = (317, UInt32(59), UInt32(0xC000_003E))
    #else
        private static let (seccomp, execve, architecture) = (277, UInt32(221), UInt32(0xC000_00B7))
    #endif

    init?() {
        // Declared with `...` in C, and so not imported; its words are passed alike.
        guard let symbol = dlsym(nil, "syscall") else { return nil }
        call = unsafeBitCast(symbol, to: Call.self)
    }

    /// Whether the kernel's structures are those we know: `SECCOMP_GET_NOTIF_SIZES`.
    func hasKnownSizes() -> Bool {
        var sizes: [UInt16] = [0, 0, 0]
        let code = sizes.withUnsafeMutableBytes { call(Self.seccomp, 3, 0, Int(bitPattern: $0.baseAddress)) }
        return code == 0 && Int(sizes[0]) == Self.noticeSize && Int(sizes[1]) == Self.answerSize
    }

    /// Installs the filter for this thread and what it starts: `execve` waits for us, all else goes on.
    func listener() -> Int32? {
        /// struct sock_filter: code, steps when true and when not, a constant.
        func instruction(_ code: UInt64, _ whenTrue: UInt64, _ whenFalse: UInt64, _ constant: UInt32) -> UInt64 {
            code | whenTrue << 16 | whenFalse << 24 | UInt64(constant) << 32
        }
        let (load, equal, give) = (UInt64(0x20), UInt64(0x15), UInt64(0x06))
        let program = [
            instruction(load, 0, 0, 4), instruction(equal, 0, 3, Self.architecture),
            instruction(load, 0, 0, 0), instruction(equal, 0, 1, Self.execve),
            instruction(give, 0, 0, 0x7FC0_0000), instruction(give, 0, 0, 0x7FFF_0000),
        ]
        // SECCOMP_FILTER_FLAG_NEW_LISTENER, and SPEC_ALLOW: a filter must not make programs slower.
        let flags = 1 << 3 | 1 << 2
        let descriptor = program.withUnsafeBytes { bytes in
            // struct sock_fprog: how many, where.
            let header = [UInt(program.count), UInt(bitPattern: bytes.baseAddress)]
            return header.withUnsafeBytes { call(Self.seccomp, 1, flags, Int(bitPattern: $0.baseAddress)) }
        }
        return descriptor < 0 ? nil : Int32(descriptor)
    }
}
