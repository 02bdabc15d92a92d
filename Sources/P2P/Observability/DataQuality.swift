import PythonSemantics

/// What is wrong with the games of the last day; contract 12 section 4.6.
package struct DataQuality: Sendable {
    fileprivate struct Figures {
        var games = 0
        var lengths: [PyValue] = []
        var short = 0
        var long = 0
        var stalemates = 0
        var openings: Set<PyString> = []
        var wins = OrderedCounts<PyKey>()
        var unreadable = 0
    }

    /// `configs`, `issues`, `summary`: the body of GET /data/quality.
    package private(set) var report: PyDict = ["configs": [:], "issues": [], "summary": [:]]

    /// Nothing: what is shown while the node is young.
    package init() {}

    /// - Parameter now: unix seconds.
    package static func collect(_ files: GameFiles, now: Double) -> DataQuality {
        var names: [PyString] = []
        var all: [PyString: Figures] = [:]
        func change(_ name: PyString, _ body: (inout Figures) throws(PyException) -> Void) throws(PyException) {
            if all[name] == nil { names.append(name) }
            var figures = all[name] ?? Figures()
            // What was counted before an exception stays.
            defer { all[name] = figures }
            try body(&figures)
        }
        files.visit(since: now - 86400) { line, _ throws(PyException) in
            guard case .game(let game) = line else {
                return try change("unknown") { $0.unreadable += 1 }
            }
            try change(game.gameConfiguration()) { figures throws(PyException) in try figures.add(game) }
        }
        var quality = DataQuality()
        // An exception leaves the report as it is by then, as in the legacy.
        try? quality.evaluate(names.map { ($0, all[$0] ?? Figures()) })
        return quality
    }

    private mutating func evaluate(_ all: [(name: PyString, figures: Figures)]) throws(PyException) {
        var issues: [PyValue] = []
        var configurations = PyDict()
        defer { report["configs"] = .dict(configurations) }
        for (name, figures) in all where figures.games > 0 {
            issues += figures.issues(name)
            configurations[name] = try figures.report()
        }
        let warnings = issues.filter { $0["severity"] == "warning" }.count
        report["issues"] = .list(issues)
        report["summary"] = [
            "total_configs": .int(configurations.count), "total_issues": .int(issues.count), "critical_issues": 0,
            "warning_issues": .int(warnings),
        ]
    }

    /// Configurations with their figures, in order.
    package var configurations: PyDict { report["configs"]?.asDict ?? [:] }
    package var issues: [PyValue] { report["issues"]?.asList ?? [] }

    /// Rows of GET /data/quality/table.
    package func table() -> [PyValue] {
        configurations.map { name, figures in
            let isBad = issues.contains { $0["config"] == .string(name) && $0["severity"] == "warning" }
            return .dict([
                "Config": .string(name), "Games": figures["total_games"] ?? .none,
                "AvgLength": figures["avg_length"] ?? .none, "ShortRate": figures["short_game_rate"] ?? .none,
                "StalemateRate": figures["stalemate_rate"] ?? .none,
                "OpeningDiv": figures["opening_diversity"] ?? .none, "Status": isBad ? "WARNING" : "OK",
            ])
        }
    }
}

extension DataQuality.Figures {
    fileprivate mutating func add(_ game: PyValue) throws(PyException) {
        games += 1
        let length = try game.get("length", 0)
        if try PyNumber.isGreater(length, 0) {
            lengths.append(length)
            if try PyNumber.isLess(length, 10) {
                short += 1
            } else if try PyNumber.isGreater(length, 500) {
                long += 1
            }
        }
        if try game.get("victory_type", "").pyEquals("stalemate") { stalemates += 1 }
        let moves = try game.get("moves", [])
        if moves.isTruthy, try moves.length() >= 2 {
            let first = try moves.action(0, characters: 15)
            openings.insert(first + "-" + (try moves.action(1, characters: 15)))
        }
        let winner = try game.get("winner")
        if !winner.isNone { wins.add(try PyKey(winner)) }
    }

    /// Share of the games, in percent with one decimal.
    private func percent(_ count: Int) -> PyValue {
        .float(PyNumber.rounded(Double(count) / Double(games) * 100, 1))
    }

    fileprivate func issues(_ name: PyString) -> [PyValue] {
        func issue(_ kind: PyValue, _ value: PyValue, _ severity: PyValue) -> PyValue {
            .dict(["config": .string(name), "issue": kind, "value": value, "severity": severity])
        }
        var found: [PyValue] = []
        if Double(short) / Double(games) > 0.1 {
            found.append(issue("high_short_game_rate", percent(short), "warning"))
        }
        if Double(stalemates) / Double(games) > 0.3 {
            found.append(issue("high_stalemate_rate", percent(stalemates), "warning"))
        }
        if openings.count < 5, games > 50 {
            found.append(issue("low_opening_diversity", .int(openings.count), "warning"))
        }
        let most = wins.entries.map(\.count).max() ?? 0
        if wins.entries.count >= 2, games > 20, Double(most) / Double(games) > 0.7 {
            found.append(issue("player_bias", percent(most), "info"))
        }
        return found
    }

    fileprivate func report() throws(PyException) -> PyValue {
        let mean: PyValue =
            lengths.isEmpty ? 0 : try PyNumber.div(PyNumber.sum(lengths), .int(lengths.count))
        var deviation: PyValue = 0
        if lengths.count > 1 {
            var squares: PyValue = 0
            for length in lengths {
                let difference = try PyNumber.sub(length, mean)
                squares = try PyNumber.add(squares, PyNumber.mul(difference, difference))
            }
            deviation = .float(try PyNumber.float(PyNumber.div(squares, .int(lengths.count))).squareRoot())
        }
        return .dict([
            "total_games": .int(games), "avg_length": try PyNumber.round(mean, 1),
            "length_std": try PyNumber.round(deviation, 1), "short_game_rate": percent(short),
            "long_game_rate": percent(long), "stalemate_rate": percent(stalemates),
            "opening_diversity": .int(openings.count), "parse_errors": .int(unreadable),
        ])
    }
}
