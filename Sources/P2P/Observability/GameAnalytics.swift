import PythonSemantics

/// Lengths, throughput and openings of recent games by configuration; contract 12 sections 3.9 and 4.3.
package struct GameAnalytics: Sendable {
    /// What one configuration shows.
    package struct Configuration: Sendable {
        /// Of games with a length, as given.
        var lengths: [PyValue] = []
        var victories = OrderedCounts<PyKey>()
        /// Games by hour of their file's change.
        var hours = OrderedCounts<Int>()
        /// First moves.
        var openings = OrderedCounts<PyString>()

        /// Mean length, rounded; the int 0 without lengths.
        package func averageLength() throws(PyException) -> PyValue {
            if lengths.isEmpty { return 0 }
            return try PyNumber.round(PyNumber.div(PyNumber.sum(lengths), .int(lengths.count)), 1)
        }

        /// Games per hour with games; the int 0 without any.
        package var throughput: PyValue {
            let buckets = hours.entries.count
            return buckets == 0 ? 0 : .float(PyNumber.rounded(Double(hours.total) / Double(buckets), 1))
        }

        /// How many different first moves there are.
        package var openingDiversity: Int { openings.entries.count }
    }

    /// In the order in which they were met (the legacy's order is random).
    package private(set) var configurations: [(name: PyString, value: Configuration)] = []
    private var places: [PyString: Int] = [:]
    private var games = 0

    package init() {}

    /// The figures of `/metrics/prometheus`: every game of the last day counts for the throughput.
    ///
    /// - Parameter now: unix seconds.
    package static func collect(_ files: GameFiles, now: Double) -> GameAnalytics {
        var analytics = GameAnalytics()
        files.visit(since: now - 86400) { line, modified throws(PyException) in
            guard case .game(let game) = line else { return }
            let name = try game.gameConfiguration()
            try analytics.addLength(game, name)
            analytics.change(name) { $0.hours.add(Int((modified / 3600).rounded(.down))) }
            let moves = try game.get("moves", [])
            if moves.isTruthy, try moves.length() >= 1 { try analytics.addOpening(moves, name) }
        }
        return analytics
    }

    /// The figures of GET /games/analytics: only games with moves count for the throughput.
    ///
    /// - Parameter cutoff: unix seconds.
    package static func report(_ files: GameFiles, since cutoff: Double, hours: PyValue) throws(PyException) -> PyDict {
        var analytics = GameAnalytics()
        files.visit(since: cutoff) { line, modified throws(PyException) in
            guard case .game(let game) = line else { return }
            let name = try game.gameConfiguration()
            try analytics.addLength(game, name)
            let victory = try game.get("victory_type", "unknown")
            if victory.isTruthy {
                // The legacy makes the configuration's entry before it looks at the key.
                analytics.change(name) { _ in }
                let key = try PyKey(victory)
                analytics.change(name) { $0.victories.add(key) }
            }
            let moves = try game.get("moves", [])
            if moves.isTruthy, try moves.length() > 0 {
                analytics.changeKnown(name) { $0.hours.add(Int((modified / 3600).rounded(.down))) }
                try analytics.addOpening(moves, name)
            }
            analytics.games += 1
        }
        var configurations = PyDict()
        for (name, value) in analytics.configurations { configurations[name] = try value.report() }
        return [
            "period_hours": hours, "total_games": .int(analytics.games), "configs": .dict(configurations),
        ]
    }

    private mutating func addLength(_ game: PyValue, _ name: PyString) throws(PyException) {
        let length = try game.get("length", 0)
        if try PyNumber.isGreater(length, 0) { change(name) { $0.lengths.append(length) } }
    }

    private mutating func addOpening(_ moves: PyValue, _ name: PyString) throws(PyException) {
        let opening = try moves.action(0, characters: 20)
        if !opening.isEmpty { changeKnown(name) { $0.openings.add(opening) } }
    }

    private mutating func change(_ name: PyString, _ body: (inout Configuration) -> Void) {
        if places[name] == nil {
            places[name] = configurations.count
            configurations.append((name, held.removeValue(forKey: name) ?? Configuration()))
        }
        changeKnown(name, body)
    }

    /// Hours and openings of a configuration that has neither lengths nor victories are counted, but not shown until it
    /// has.
    private var held: [PyString: Configuration] = [:]

    private mutating func changeKnown(_ name: PyString, _ body: (inout Configuration) -> Void) {
        if let place = places[name] {
            body(&configurations[place].value)
        } else {
            body(&held[name, default: Configuration()])
        }
    }
}

extension GameAnalytics.Configuration {
    /// One value of `configs` of GET /games/analytics.
    fileprivate func report() throws(PyException) -> PyValue {
        var types = PyDict()
        for (type, count) in victories.entries { types[try type.jsonKey()] = .int(count) }
        let top = openings.entries.enumerated().sorted {
            ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
        }
        return .dict([
            "games": .int(lengths.count), "avg_length": try averageLength(),
            "min_length": lengths.isEmpty ? 0 : try PyNumber.min(lengths),
            "max_length": lengths.isEmpty ? 0 : try PyNumber.max(lengths), "victory_types": .dict(types),
            "throughput_per_hour": throughput, "opening_diversity": .int(openingDiversity),
            "top_openings": .dict(PyDict(top.prefix(5).map { ($0.element.key, .int($0.element.count)) })),
        ])
    }
}
