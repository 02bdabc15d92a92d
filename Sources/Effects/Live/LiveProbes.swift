import Foundation

/// Reads the machine through `/proc`, `statvfs` and the socket interface.
package struct LiveProbes: HostProbes {
    package init() {}

    package func procFile(_ name: String) -> String? { text(of: "/proc/" + name) }

    package func processorCount() -> Int { max(0, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    package func fileSystem(at path: String) -> FileSystemUsage? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return FileSystemUsage(
            blocks: UInt64(status.f_blocks), free: UInt64(status.f_bfree), available: UInt64(status.f_bavail))
    }

    package func commandLines() -> [ProcessCommand] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var found: [ProcessCommand] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let pid = Int32(name), let raw = bytes(of: "/proc/\(pid)/cmdline"), !raw.isEmpty else { continue }
            let trimmed = raw.last == 0 ? raw.dropLast() : raw[...]
            let line = String(decoding: trimmed.map { $0 == 0 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
            found.append(ProcessCommand(pid: pid, line: line))
        }
        return found
    }

    package func isAlive(pid: Int32) -> Bool { kill(pid, 0) == 0 || errno != ESRCH }

    package func localAddress() -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return "127.0.0.1" }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(80).bigEndian
        address.sin_addr.s_addr = inet_addr("8.8.8.8")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let name = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> String? in
                guard connect(descriptor, generic, length) == 0 else { return nil }
                guard getsockname(descriptor, generic, &length) == 0 else { return nil }
                return ""
            }
        }
        guard name != nil else { return "127.0.0.1" }
        var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
        guard inet_ntop(AF_INET, &address.sin_addr, &text, socklen_t(text.count)) != nil else { return "127.0.0.1" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func text(of path: String) -> String? { bytes(of: path).map { String(decoding: $0, as: UTF8.self) } }

    /// `/proc` files have no size: read until the end.
    private func bytes(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return count == 0 ? result : nil }
            result.append(contentsOf: buffer[..<count])
        }
    }
}
