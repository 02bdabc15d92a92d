import Effects
import PythonSemantics
import Synchronization

/// What is computed from the tree's files, kept as long as the legacy keeps it. One value a node; its methods block, so
/// they are called from one serial queue. Contract 12 section 4.
package final class Reports: Sendable {
    /// What reading games waits for after the start, seconds.
    private static let grace = 120.0

    private struct Cached<Value: Sendable>: Sendable {
        var value: Value
        /// Unix seconds.
        var time: Double
    }

    private struct Caches: Sendable {
        var victories: Cached<VictoryStatistics>?
        var analytics: Cached<GameAnalytics>?
        var quality: Cached<DataQuality>?
        var training: Cached<TrainingLogs>?
        var holdout: Cached<HoldoutMetrics>?
        var search: Cached<SearchStatistics>?
        var lineage: Cached<ModelLineage>?
        var efficiency: Cached<TrainingEfficiency>?
    }

    /// `{ringrift_path}/ai-service`.
    package let root: String
    package let files: any FileAccess
    package let databases: any DatabaseAccess
    package let games: GameFiles
    private let startTime: Double
    private let caches = Mutex(Caches())

    /// - Parameters:
    ///   - ringriftPath: the directory above `ai-service`.
    ///   - startTime: unix seconds.
    package init(ringriftPath: String, effects: Effects, startTime: Double) {
        root = ringriftPath + "/ai-service"
        files = effects.files
        databases = effects.databases
        games = GameFiles(root: root, files: effects.files)
        self.startTime = startTime
    }

    /// Whether the node is too young to read games.
    package func isYoung(now: Double) -> Bool { now - startTime < Self.grace }

    /// Forgets everything, as at a switch from or to the legacy.
    package func drop() { caches.withLock { $0 = Caches() } }

    package func victories(now: Double) -> VictoryStatistics {
        if let value = cached(\.victories, 300, now) { return value }
        if isYoung(now: now) { return VictoryStatistics() }
        return keep(VictoryStatistics.collect(games, now: now), \.victories, now)
    }

    package func analytics(now: Double) -> GameAnalytics {
        if let value = cached(\.analytics, 300, now) { return value }
        if isYoung(now: now) { return GameAnalytics() }
        return keep(GameAnalytics.collect(games, now: now), \.analytics, now)
    }

    package func quality(now: Double) -> DataQuality {
        if let value = cached(\.quality, 300, now) { return value }
        if isYoung(now: now) { return DataQuality() }
        return keep(DataQuality.collect(games, now: now), \.quality, now)
    }

    /// - Throws: as ``TrainingLogs/collect(root:files:)``.
    package func training(now: Double) throws(PyException) -> TrainingLogs {
        if let value = cached(\.training, 120, now) { return value }
        return keep(try TrainingLogs.collect(root: root, files: files), \.training, now)
    }

    package func holdout(now: Double) -> HoldoutMetrics {
        if let value = cached(\.holdout, 300, now) { return value }
        return keep(HoldoutMetrics.collect(root: root, files: files, databases: databases), \.holdout, now)
    }

    /// - Throws: as ``SearchStatistics/collect(root:files:games:now:)``.
    package func search(now: Double) throws(PyException) -> SearchStatistics {
        if let value = cached(\.search, 120, now) { return value }
        if isYoung(now: now) { return SearchStatistics() }
        return keep(try SearchStatistics.collect(root: root, files: files, games: games, now: now), \.search, now)
    }

    package func lineage(now: Double) -> ModelLineage {
        if let value = cached(\.lineage, 600, now) { return value }
        return keep(ModelLineage.collect(root: root, files: files), \.lineage, now)
    }

    package func efficiency(now: Double) -> TrainingEfficiency {
        if let value = cached(\.efficiency, 300, now) { return value }
        return keep(
            TrainingEfficiency.collect(root: root, files: files, databases: databases, now: now), \.efficiency, now)
    }

    private func cached<Value: Sendable>(
        _ path: KeyPath<Caches, Cached<Value>?>, _ lifetime: Double, _ now: Double
    ) -> Value? {
        let cached = caches.withLock { $0 }[keyPath: path]
        guard let cached, now - cached.time < lifetime else { return nil }
        return cached.value
    }

    private func keep<Value: Sendable>(
        _ value: Value, _ path: WritableKeyPath<Caches, Cached<Value>?>, _ now: Double
    ) -> Value {
        var changed = caches.withLock { $0 }
        changed[keyPath: path] = Cached(value: value, time: now)
        let kept = changed
        caches.withLock { $0 = kept }
        return value
    }
}
