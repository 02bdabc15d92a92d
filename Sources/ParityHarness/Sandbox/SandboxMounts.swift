import Foundation
import Glibc

/// The private view of the file system and the loopback inside a fresh set of namespaces.
enum SandboxMounts {
    static let root = "/srv/ringrift"
    static let tree = "/srv/ringrift/ai-service"
    static let home = "/srv/ringrift-home"
    static let programs = "/srv/ringrift-bin"

    /// - Parameters:
    ///   - run: the directory of this run; its `ringrift` becomes `/srv/ringrift`.
    ///   - venv: a directory that is shown at ``SandboxVenv/inside``.
    static func set(run: String, venv: String? = nil) throws {
        try mount(nil, "/", nil, UInt(MS_REC) | UInt(MS_PRIVATE))
        try coverSrv(run: run, venv: venv)
        try bind(run + "/ringrift", root)
        for path in ["/tmp/ringrift_coordination", "/tmp/ringrift_coordinator", "/dev/shm"] {
            try makeDirectory(path)
            try mount("none", path, "tmpfs", 0)
        }
        try raiseLoopback()
        // Process ids in answers must not be the same in every run; not allowed in a user namespace.
        let number = Int.random(in: 1000..<26000)
        try? String(number).write(toFile: "/proc/sys/kernel/ns_last_pid", atomically: false, encoding: .utf8)
    }

    static func bind(_ source: String, _ target: String) throws {
        try mount(source, target, nil, UInt(MS_BIND) | UInt(MS_REC))
    }

    static func makeDirectory(_ path: String) throws {
        do {
            try PlainFile.makeDirectory(path)
        } catch {
            throw ParityError("cannot create a directory in the sandbox: \(error)")
        }
    }

    /// `/srv` becomes a directory of this run, on the same file system as the checkout (git says so where it ends), that
    /// shows what was there before, plus our directories: so nothing is left on the machine, and it works for users who
    /// may not write to `/srv`.
    private static func coverSrv(run: String, venv: String?) throws {
        let staging = run + "/srv"
        try makeDirectory(staging)
        try bind(staging, staging)
        let files = FileManager.default
        for name in (try? files.contentsOfDirectory(atPath: "/srv")) ?? [] where !name.hasPrefix("ringrift") {
            if venv != nil, "/srv/" + name == SandboxVenv.inside { continue }
            let source = "/srv/" + name
            let target = staging + "/" + name
            if let link = try? files.destinationOfSymbolicLink(atPath: source) {
                try files.createSymbolicLink(atPath: target, withDestinationPath: link)
                continue
            }
            var isDirectory: ObjCBool = false
            guard files.fileExists(atPath: source, isDirectory: &isDirectory) else { continue }
            if isDirectory.boolValue {
                try makeDirectory(target)
            } else {
                _ = files.createFile(atPath: target, contents: nil)
            }
            try bind(source, target)
        }
        for path in [root, home, programs] { try makeDirectory(staging + "/" + path.dropFirst("/srv/".count)) }
        if let venv {
            let target = staging + "/" + SandboxVenv.inside.dropFirst("/srv/".count)
            try makeDirectory(target)
            try bind(venv, target)
        }
        if !files.fileExists(atPath: "/srv") { try makeDirectory("/srv") }
        try mount(staging, "/srv", nil, UInt(MS_MOVE))
    }

    private static func mount(_ source: String?, _ target: String, _ type: String?, _ flags: UInt) throws {
        if Glibc.mount(source, target, type, flags, nil) != 0 {
            throw ParityError(
                "cannot mount \(type ?? source ?? "") on \(target) in the sandbox: \(String(cString: strerror(errno)))")
        }
    }

    private static func raiseLoopback() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        // struct ifreq: 16 bytes of name, then a union whose first member here is the flags.
        var request = [UInt8](repeating: 0, count: 40)
        request.replaceSubrange(0..<2, with: Array("lo".utf8))
        let failed: Bool = request.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress, ioctl(descriptor, UInt(SIOCGIFFLAGS), base) == 0 else { return true }
            let flags = bytes.load(fromByteOffset: 16, as: Int16.self) | 1  // IFF_UP
            bytes.storeBytes(of: flags, toByteOffset: 16, as: Int16.self)
            return ioctl(descriptor, UInt(SIOCSIFFLAGS), base) != 0
        }
        if failed { throw ParityError("cannot raise the loopback in the sandbox: \(String(cString: strerror(errno)))") }
    }
}
