import Effects
import PythonSemantics

/// The records of recent self-play games that the reports read: `*.jsonl` below two directories of the tree.
/// Contract 12 section 4.2.
package struct GameFiles: Sendable {
    private let root: String
    private let files: any FileAccess

    /// - Parameter root: `{ringrift_path}/ai-service`.
    package init(root: String, files: any FileAccess) {
        self.root = root
        self.files = files
    }

    /// Where games are looked for, in this order.
    package var directories: [String] { [root + "/data/games/daemon_sync", root + "/data/selfplay"] }

    /// What a line of a file is.
    package enum Line {
        case game(PyValue)
        /// No JSON.
        case unreadable
    }

    /// Visits the lines of all files that changed at or after `cutoff`. What `visit` throws ends the file it is in, as
    /// does anything else that is wrong with a file.
    ///
    /// - Parameters:
    ///   - cutoff: unix seconds.
    ///   - visit: gets a line and when its file changed, unix seconds.
    package func visit(since cutoff: Double, _ visit: (Line, Double) throws(PyException) -> Void) {
        for directory in directories where files.exists(directory) {
            for path in files.recursiveGlob(directory, suffix: ".jsonl") {
                // The legacy, too, goes on with the next file.
                try? visitFile(path, cutoff, visit)
            }
        }
    }

    private func visitFile(
        _ path: String, _ cutoff: Double, _ visit: (Line, Double) throws(PyException) -> Void
    ) throws(PyException) {
        let modified = try files.status(path).modified
        guard !(modified < cutoff) else { return }
        for line in TextFile.lines(try files.read(path)).lines {
            let game: PyValue
            do throws(PyException) {
                game = try PyJSON.loads(line)
            } catch {
                guard error.type == "JSONDecodeError" else { throw error }
                try visit(.unreadable, modified)
                continue
            }
            try visit(.game(game), modified)
        }
    }

    /// When the newest `*.jsonl` below `data/selfplay` changed, unix seconds; 0 when there is none.
    package var newestSelfplay: Double {
        var newest = 0.0
        let directory = root + "/data/selfplay"
        guard files.exists(directory) else { return 0 }
        for path in files.recursiveGlob(directory, suffix: ".jsonl") {
            guard let modified = try? files.status(path).modified else { continue }
            newest = max(newest, modified)
        }
        return newest
    }
}

extension PyValue {
    /// `{board_type}_{num_players}p` of a game.
    ///
    /// - Throws: `AttributeError` for what is no object.
    func gameConfiguration() throws(PyException) -> PyString {
        let board = try get("board_type", "unknown")
        return PyString("\(board.pyStr)_\(try get("num_players", 0).pyStr)p")
    }

    /// `str(moves[index].get("action", ""))`, its first characters.
    func action(_ index: Int, characters: Int) throws(PyException) -> PyString {
        try item(index).get("action", "").pyString.slice(nil, characters)
    }
}

/// Counts by key in the order in which the keys came.
struct OrderedCounts<Key: Hashable & Sendable>: Sendable {
    private(set) var entries: [(key: Key, count: Int)] = []
    private var places: [Key: Int] = [:]

    mutating func add(_ key: Key) {
        if let place = places[key] {
            entries[place].count += 1
        } else {
            places[key] = entries.count
            entries.append((key, 1))
        }
    }

    var total: Int { entries.reduce(0) { $0 + $1.count } }
}
