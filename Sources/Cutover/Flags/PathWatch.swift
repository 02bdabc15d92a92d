import Dispatch
import Foundation
import Synchronization

/// Tells of changes at a path by inotify: of the file's content, and of every directory entry that leads to it.
final class PathWatch: Sendable {
    enum Event: Sendable, Equatable {
        /// A writer closed the file, or something was moved to the path: the content is complete.
        case complete
        /// Anything else; a writer may be at work.
        case touched
    }

    /// What a watch descriptor stands for: entries of a directory, or the file itself.
    private enum Watched: Sendable, Equatable {
        case names(Set<String>)
        case file
    }

    private let descriptor: Int32
    private let watched = Mutex<[Int32: Watched]>([:])
    // libdispatch locks its sources itself.
    nonisolated(unsafe) private let source: any DispatchSourceRead
    private let onEvent: @Sendable (Event) -> Void

    private static let folderMask = UInt32(
        IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB | IN_ONLYDIR)
    private static let fileMask = UInt32(
        IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_DONT_FOLLOW)

    /// - Parameter onEvent: called on a private queue, once for what arrived together.
    /// - Returns: nil when the system gives no inotify instance.
    init?(onEvent: @escaping @Sendable (Event) -> Void) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        self.onEvent = onEvent
        source = DispatchSource.makeReadSource(
            fileDescriptor: descriptor, queue: DispatchQueue(label: "ringrift.flags.watch"))
        source.setEventHandler { [weak self] in self?.drain() }
        let descriptor = descriptor
        source.setCancelHandler { close(descriptor) }
        source.resume()
    }

    func stop() { source.cancel() }

    deinit { source.cancel() }

    /// Watches what the path consists of now. To be called again after every event, before the file is read: then no
    /// change between this call and the reading is missed.
    /// - Returns: whether everything could be watched.
    func watch(_ path: String) -> Bool {
        var isComplete = true
        // While the watches are added the path itself may change.
        for _ in 0..<8 {
            let resolved = ResolvedPath(path)
            isComplete = replace(with: resolved)
            if ResolvedPath(path) == resolved { return isComplete }
        }
        return isComplete
    }

    private func replace(with resolved: ResolvedPath) -> Bool {
        watched.withLock { watched in
            var wanted: [Int32: Watched] = [:]
            var isComplete = true
            let byFolder = Dictionary(grouping: resolved.entries, by: \.directory)
            for (folder, entries) in byFolder {
                let number = inotify_add_watch(descriptor, folder, Self.folderMask)
                guard number >= 0 else {
                    // A folder that is gone is told by the one above it.
                    if errno != ENOENT { isComplete = false }
                    continue
                }
                wanted[number] = .names(Set(entries.map(\.name)))
            }
            if let file = resolved.file {
                let number = inotify_add_watch(descriptor, file, Self.fileMask)
                if number >= 0, wanted[number] == nil {
                    wanted[number] = .file
                } else if number < 0, errno != ENOENT, errno != EACCES {
                    isComplete = false
                }
            }
            for number in watched.keys where wanted[number] == nil { inotify_rm_watch(descriptor, number) }
            watched = wanted
            return isComplete
        }
    }

    private func drain() {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var last: Event?
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for event in Self.events(buffer[..<count]) {
                if let found = meaning(event) { last = found }
            }
        }
        if let last { onEvent(last) }
    }

    private struct RawEvent {
        var watch: Int32
        var mask: UInt32
        var name: String
    }

    private static func events(_ bytes: ArraySlice<UInt8>) -> [RawEvent] {
        let header = MemoryLayout<inotify_event>.size
        return bytes.withUnsafeBytes { raw in
            var events: [RawEvent] = []
            var offset = 0
            while offset + header <= raw.count {
                let event = raw.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                let name = raw[(offset + header)...].prefix(Int(event.len)).prefix { $0 != 0 }
                events.append(RawEvent(watch: event.wd, mask: event.mask, name: String(decoding: name, as: UTF8.self)))
                offset += header + Int(event.len)
            }
            return events
        }
    }

    /// - Returns: nil for what does not concern the path.
    private func meaning(_ event: RawEvent) -> Event? {
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { return .touched }
        if event.mask & UInt32(IN_IGNORED) != 0 { return nil }
        guard let watched = watched.withLock({ $0[event.watch] }) else { return nil }
        if case .names(let names) = watched, !event.name.isEmpty, !names.contains(event.name) { return nil }
        return event.mask & UInt32(IN_CLOSE_WRITE | IN_MOVED_TO) != 0 ? .complete : .touched
    }
}
