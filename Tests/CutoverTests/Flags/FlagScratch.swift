import Foundation
import Synchronization

@testable import Cutover

/// A folder with a flags file, without symlinks in its own path; it goes away with this value.
final class FlagScratch: Sendable {
    let tree: String
    let lines = Mutex<[String]>([])

    init() throws {
        let path = NSTemporaryDirectory() + "ringrift-flags-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path + "/logs/cutover", withIntermediateDirectories: true)
        tree = ResolvedPath(path).file ?? path
    }

    deinit { try? FileManager.default.removeItem(atPath: tree) }

    var folder: String { tree + "/logs/cutover" }
    var path: String { folder + "/flags.env" }

    /// Writes in place, as `cat > FILE` does.
    func write(_ text: String, to path: String? = nil) throws {
        let handle = open(path ?? self.path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard handle >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { close(handle) }
        // In two parts, so that a reader can come between.
        let bytes = Array(text.utf8)
        for part in [bytes.prefix(bytes.count / 2), bytes.suffix(from: bytes.count / 2)] {
            _ = part.withUnsafeBytes { Foundation.write(handle, $0.baseAddress, $0.count) }
        }
    }

    func text(_ path: String? = nil) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path ?? self.path)), as: UTF8.self)
    }

    func store(_ environment: [String: String] = [:], fallback: Mode = .swift) -> FlagStore {
        FlagStore(environment: environment, tree: tree, fallback: fallback, now: { 1_800_000_000 }) { line in
            self.lines.withLock { $0.append(line) }
        }
    }
}

/// Waits for an update that fulfils the condition. The seconds only bound a failure.
func arrives(
    _ store: FlagStore, within seconds: Double = 1, _ condition: @escaping @Sendable (FlagStore.Update) -> Bool
) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
        group.addTask {
            for await update in store.updates() where condition(update) { return true }
            return false
        }
        group.addTask {
            try? await Task.sleep(for: .seconds(seconds))
            return false
        }
        let first = await group.next() ?? false
        group.cancelAll()
        return first
    }
}

/// Runs the watch while the body runs.
func watching(
    _ store: FlagStore, _ settings: FlagWatch.Settings, _ body: @escaping @Sendable () async throws -> Void
) async throws {
    let (started, continuation) = AsyncStream.makeStream(of: Void.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await FlagWatch(store: store, settings: settings) { continuation.yield() }.run() }
        for await _ in started { break }
        do { try await body() } catch {
            group.cancelAll()
            throw error
        }
        group.cancelAll()
    }
}

extension FlagWatch.Settings {
    /// Nothing but inotify.
    static var inotifyOnly: FlagWatch.Settings {
        var settings = FlagWatch.Settings()
        settings.interval = 3600
        settings.takesHangup = false
        return settings
    }
}
