import Effects
import PythonSemantics

/// How far the tree search looks, from self-play logs and games; contract 11 section 4.5.
package struct SearchStatistics: Sendable {
    /// `avg_nodes_per_move`, `max_nodes_per_move`, `avg_search_depth`, `max_search_depth`, `avg_time_per_move`, those
    /// that there are samples of.
    package private(set) var summary = PyDict()
    /// `avg_nodes`, `avg_depth` by configuration.
    package private(set) var configurations = PyDict()

    package init() {}

    /// - Parameters:
    ///   - root: `{ringrift_path}/ai-service`.
    ///   - now: unix seconds.
    /// - Throws: for samples that cannot be added up, and when the age of a log cannot be asked.
    package static func collect(
        root: String, files: any FileAccess, games: GameFiles, now: Double
    ) throws(PyException) -> SearchStatistics {
        var statistics = SearchStatistics()
        try statistics.readLogs(newestLogs(in: root + "/logs/selfplay", count: 20, files: files), files)
        try statistics.readGames(games, since: now - 3600)
        return statistics
    }

    private mutating func readLogs(_ paths: [String], _ files: any FileAccess) throws(PyException) {
        var nodes: [PyValue] = []
        var depths: [PyValue] = []
        var times: [PyValue] = []
        func read(_ path: String) throws(PyException) {
            let text = TextFile.textIgnoringErrors(try files.read(path))
            for match in Self.nodes.all(in: text) { nodes.append(try PyNumber.int(PyString(match[group: 0]))) }
            for match in Self.depth.all(in: text) { depths.append(try PyNumber.int(PyString(match[group: 0]))) }
            for match in Self.time.all(in: text) { times.append(.float(try PyNumber.float(PyString(match[group: 0])))) }
        }
        // What was read before a bad number stays.
        for path in paths { try? read(path) }
        if !nodes.isEmpty {
            summary["avg_nodes_per_move"] = try Self.mean(nodes)
            summary["max_nodes_per_move"] = try PyNumber.max(nodes)
        }
        if !depths.isEmpty {
            summary["avg_search_depth"] = try Self.mean(depths)
            summary["max_search_depth"] = try PyNumber.max(depths)
        }
        if !times.isEmpty { summary["avg_time_per_move"] = try Self.mean(times) }
    }

    private mutating func readGames(_ games: GameFiles, since cutoff: Double) throws(PyException) {
        var names: [PyString] = []
        var samples: [PyString: (nodes: [PyValue], depths: [PyValue])] = [:]
        games.visit(since: cutoff) { line, _ throws(PyException) in
            guard case .game(let game) = line else { return }
            let name = try game.gameConfiguration()
            let found = try game.get("mcts_stats", [:])
            guard found.isTruthy else { return }
            if samples[name] == nil {
                names.append(name)
                samples[name] = ([], [])
            }
            if try found.contains("avg_nodes") { samples[name]?.nodes.append(try found.item("avg_nodes")) }
            if try found.contains("avg_depth") { samples[name]?.depths.append(try found.item("avg_depth")) }
        }
        for name in names {
            guard let (nodes, depths) = samples[name] else { continue }
            var configuration = PyDict()
            if !nodes.isEmpty { configuration["avg_nodes"] = try Self.mean(nodes) }
            if !depths.isEmpty { configuration["avg_depth"] = try Self.mean(depths) }
            configurations[name] = .dict(configuration)
        }
    }

    private static func mean(_ values: [PyValue]) throws(PyException) -> PyValue {
        try PyNumber.div(PyNumber.sum(values), .int(values.count))
    }

    private static let nodes = TextPattern(#"nodes[_{s}]*(?:visited)?[:{s}]*(\d+)"#, ignoringCase: true)
    private static let depth = TextPattern(#"(?:search_)?depth[:{s}]*(\d+)"#, ignoringCase: true)
    private static let time = TextPattern(#"(?:move_)?time[:{s}]*([\d.]+)[{s}]*(?:s|ms)?"#, ignoringCase: true)
}
