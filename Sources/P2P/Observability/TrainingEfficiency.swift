import Effects
import PythonSemantics

/// What training costs and what it brings; contract 12 section 4.7.
package struct TrainingEfficiency: Sendable {
    /// One configuration, rounded.
    package struct Configuration: Sendable {
        package var gpuHours: PyValue
        package var eloGain: PyValue
        package var eloPerGPUHour: PyValue
        package var cost: PyValue
    }

    /// All configurations together, rounded.
    package struct Summary: Sendable {
        package var gpuHours: PyValue
        package var cost: PyValue
        package var eloPerGPUHour: PyValue
    }

    /// In the order in which they were met (the legacy's order is random).
    package private(set) var configurations: [(name: PyString, value: Configuration)] = []
    /// Nil when something went wrong.
    package private(set) var summary: Summary?

    package init() {}

    /// - Parameters:
    ///   - root: `{ringrift_path}/ai-service`.
    ///   - now: unix seconds.
    package static func collect(
        root: String, files: any FileAccess, databases: any DatabaseAccess, now: Double
    ) -> TrainingEfficiency {
        var efficiency = TrainingEfficiency()
        // What was found before a failure stays, as in the legacy.
        try? efficiency.read(root, files, databases, now)
        return efficiency
    }

    private mutating func read(
        _ root: String, _ files: any FileAccess, _ databases: any DatabaseAccess, _ now: Double
    ) throws(PyException) {
        var names: [PyString] = []
        var ratings: [PyString: (first: PyValue, last: PyValue)] = [:]
        let path = root + "/data/unified_elo.db"
        if files.exists(path) {
            let statement = SQLStatement(
                """
                SELECT board_type, num_players, participant_id, rating, timestamp FROM rating_history \
                WHERE timestamp > ? ORDER BY timestamp ASC
                """, [.float(now - 86400 * 7)])
            for row in try databases.query(path, busyTimeout: 5, [statement])[0] {
                let name = PyString("\(row[0].pyStr)_\(row[1].pyStr)p")
                if ratings[name] == nil { names.append(name) }
                ratings[name] = (ratings[name]?.first ?? row[3], row[3])
            }
        }
        let hours = Self.gpuHours(root, files)
        names += hours.map(\.name).filter { !names.contains($0) }
        for name in names {
            let spent = hours.first { $0.name == name }.map { PyValue.float($0.hours) } ?? 0
            configurations.append((name, try Self.configuration(ratings[name], spent)))
        }
        let total = try PyNumber.sum(configurations.map(\.value.gpuHours))
        let gain = try PyNumber.sum(configurations.map(\.value.eloGain))
        summary = Summary(
            gpuHours: try PyNumber.round(total, 2),
            cost: try PyNumber.round(PyNumber.sum(configurations.map(\.value.cost)), 2),
            eloPerGPUHour: try PyNumber.round(PyNumber.div(gain, PyNumber.max(total, 1)), 2))
    }

    private static func configuration(
        _ ratings: (first: PyValue, last: PyValue)?, _ hours: PyValue
    ) throws(PyException) -> Configuration {
        let gain = try ratings.map { ratings throws(PyException) in try PyNumber.sub(ratings.last, ratings.first) } ?? 0
        let rate = try PyNumber.isGreater(hours, 0) ? PyNumber.div(gain, hours) : 0
        return Configuration(
            gpuHours: try PyNumber.round(hours, 2), eloGain: try PyNumber.round(gain, 1),
            eloPerGPUHour: try PyNumber.round(rate, 2), cost: try PyNumber.round(PyNumber.mul(hours, 2.0), 2))
    }

    /// Durations in the training logs: above 100 they are seconds, below 24 minutes, between them hours.
    private static func gpuHours(_ root: String, _ files: any FileAccess) -> [(name: PyString, hours: Double)] {
        var all: [(name: PyString, hours: Double)] = []
        for path in files.glob(root + "/logs/training", suffix: ".log") {
            guard let bytes = try? files.read(path), let match = name.first(in: path.lastComponent),
                let found = duration.first(in: TextFile.textIgnoringErrors(bytes)),
                var hours = try? PyNumber.float(PyString(found[group: 0]))
            else { continue }
            if hours > 100 { hours /= 3600 } else if hours < 24 { hours /= 60 }
            let name = PyString("\(match[group: 0])_\(match[group: 1])p")
            if let place = all.firstIndex(where: { $0.name == name }) {
                all[place].hours += hours
            } else {
                all.append((name, hours))
            }
        }
        return all
    }

    private static let name = TextPattern(#"(square\d+|hex\w*)_(\d+)p"#)
    private static let duration = TextPattern(
        #"(?:total[_{s}]?time|duration)[:{s}]*([\d.]+)[{s}]*(?:s|sec|min|h)"#, ignoringCase: true)
}
