import NIOPosix
import ServiceLifecycle
import UnixSignals

/// Keeps a ``FlagStore`` up to date: inotify, SIGHUP, and a look from time to time for file systems that tell nothing.
package struct FlagWatch: Service {
    /// What makes it look at the file.
    package struct Settings: Sendable {
        /// Seconds between two looks without an occasion; also the pause before what could not be written is tried again.
        package var interval = 0.5
        /// Seconds until a second look at what a writer may still be working on.
        package var settling = 0.05
        package var usesInotify = true
        /// Take SIGHUP, which else ends the process.
        package var takesHangup = true

        package init() {}
    }

    private enum Wake: Sendable {
        case look(FlagStore.Occasion)
        case interval
    }

    private let store: FlagStore
    private let settings: Settings
    private let onStart: @Sendable () -> Void

    /// - Parameter onStart: called when signal and watches are in place.
    package init(store: FlagStore, settings: Settings = Settings(), onStart: @escaping @Sendable () -> Void = {}) {
        self.store = store
        self.settings = settings
        self.onStart = onStart
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            // The newest is enough: every wake looks at the file as it is then.
            let (wakes, continuation) = AsyncStream.makeStream(of: Wake.self, bufferingPolicy: .bufferingNewest(1))
            let watch =
                settings.usesInotify
                ? PathWatch { event in continuation.yield(.look(event == .complete ? .complete : .glance)) } : nil
            defer { watch?.stop() }
            let hangups = settings.takesHangup ? await UnixSignalsSequence(trapping: .sighup) : nil
            await withDiscardingTaskGroup { group in
                if let hangups {
                    group.addTask { for await _ in hangups { continuation.yield(.look(.hangup)) } }
                }
                group.addTask {
                    while await Self.pause(settings.interval) { continuation.yield(.interval) }
                }
                if await perform(.interval, watch) == .unsettled { continuation.yield(.interval) }
                onStart()
                for await wake in wakes {
                    guard await perform(wake, watch) == .unsettled else { continue }
                    group.addTask {
                        if await Self.pause(settings.settling) { continuation.yield(.look(.glance)) }
                    }
                }
                group.cancelAll()
            }
        }
    }

    /// Watches the path as it is now, then reads.
    private func perform(_ wake: Wake, _ watch: PathWatch?) async -> FlagStore.Look {
        let look = try? await NIOThreadPool.singleton.runIfActive {
            if settings.usesInotify {
                let isWatched = watch?.watch(store.path) ?? false
                store.setWatchProblem(
                    isWatched ? nil : "no inotify for \(store.path): looked at every \(settings.interval) s")
            }
            switch wake {
            case .look(let occasion): return store.look(occasion)
            case .interval:
                store.writeUnwritten()
                return store.look(.glance)
            }
        }
        return look ?? .same
    }

    /// - Returns: false when the task is cancelled.
    private static func pause(_ seconds: Double) async -> Bool {
        do { try await Task.sleep(for: .seconds(seconds)) } catch { return false }
        return true
    }
}
