import P2PModel
import PythonSemantics

/// How games of the last day were won; contract 12 section 4.2.
package struct VictoryStatistics: Sendable {
    /// Board, players and way of winning, as the games name them.
    package struct Group: Hashable, Sendable {
        package var board: PyKey
        package var players: PyKey
        package var victory: PyKey
    }

    private var counts = OrderedCounts<Group>()

    package init() {}

    /// Groups in the order in which they were met, with their games.
    package var groups: [(key: Group, count: Int)] { counts.entries }

    /// - Parameter now: unix seconds.
    package static func collect(_ games: GameFiles, now: Double) -> VictoryStatistics {
        var statistics = VictoryStatistics()
        games.visit(since: now - 86400) { line, _ throws(PyException) in
            guard case .game(let game) = line else { return }
            let board = try game.get("board_type", "unknown")
            let players = try game.get("num_players", 0)
            let victory = try game.get("victory_type", "unknown")
            guard victory.isTruthy, !victory.pyEquals("unknown") else { return }
            statistics.counts.add(
                Group(board: try PyKey(board), players: try PyKey(players), victory: try PyKey(victory)))
        }
        return statistics
    }

    /// Rows of GET /victory/table, sorted by configuration.
    ///
    /// - Parameters:
    ///   - board: nil or empty shows all.
    ///   - players: a number; `none` and 0 show all.
    package func table(board: PyString?, players: PyValue) throws(PyException) -> [PyValue] {
        var configurations: [PyString: [PyKey: Int]] = [:]
        for (group, count) in groups {
            if let board, !board.isEmpty, !group.board.value.pyEquals(.string(board)) { continue }
            if players.isTruthy, !group.players.value.pyEquals(players) { continue }
            let name = PyString("\(group.board.value.pyStr)_\(group.players.value.pyStr)p")
            // Two groups of one name do not add up; the legacy keeps the later one.
            configurations[name, default: [:]][group.victory] = count
        }
        var rows: [PyValue] = []
        for (name, counts) in configurations.sorted(by: { $0.key < $1.key }) {
            let total = counts.values.reduce(0, +)
            var row: PyDict = ["Config": .string(name), "Total": .int(total)]
            for column in Self.columns {
                row[column.name] = .int(counts[PyKey(text: column.type)] ?? 0)
            }
            for column in Self.columns {
                let share = Double(100 * (counts[PyKey(text: column.type)] ?? 0)) / Double(total)
                row[column.name + "%"] = total > 0 ? .float(PyNumber.rounded(share, 1)) : 0
            }
            rows.append(.dict(row))
        }
        return rows
    }

    private static let columns: [(name: PyString, type: PyString)] = [
        ("Territory", "territory"), ("LPS", "lps"), ("Elimination", "elimination"),
        ("RingElim", "ring_elimination"), ("Stalemate", "stalemate"),
    ]
}
