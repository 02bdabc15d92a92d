import PythonSemantics

/// Which of the things a run leaves behind are compared.
package struct StateSelection: Sendable, Equatable {
    /// Glob patterns over relative paths of SQLite files; empty: all.
    package var databases: [String]
    package var files: [String]
    /// Tables, as glob patterns; empty: all.
    package var tables: [String]

    package init(databases: [String] = [], files: [String] = [], tables: [String] = []) {
        self.databases = databases
        self.files = files
        self.tables = tables
    }
}

extension Comparer {
    /// Exit status.
    package mutating func compare(exit state: StateObservation, references: [StateObservation]) {
        compare(ValuePath(["exit"]), references: references.map(\.exit), candidate: state.exit)
    }

    /// SQLite files (schema, pragmas, rows) and small files that the run created or changed.
    package mutating func compare(
        state: StateObservation, references: [StateObservation], selection: StateSelection
    ) {
        guard let first = references.first else { return }
        for (key, _) in first.databases where references.allSatisfy({ $0.databases[key] != nil }) {
            guard Self.one(of: selection.databases, key.description) else { continue }
            let path = ValuePath(["db", key.description])
            let theirs = references.compactMap { $0.databases[key] }.map { Self.normalized($0, selection.tables) }
            guard let own = state.databases[key] else {
                count(loosened: false)
                report(path, .missing, references: theirs, candidate: nil, expected: "a database", got: "missing")
                continue
            }
            compare(path, references: theirs, candidate: Self.normalized(own, selection.tables))
        }
        reportExtra("db", own: state.databases, references: references.map(\.databases), selection.databases)
        for (key, _) in first.files where references.allSatisfy({ $0.files[key] != nil }) {
            guard Self.one(of: selection.files, key.description) else { continue }
            let path = ValuePath(["file", key.description])
            let theirs = references.compactMap { $0.files[key] }
            guard let own = state.files[key] else {
                count(loosened: false)
                report(path, .missing, references: theirs, candidate: nil, expected: "a file", got: "missing")
                continue
            }
            compareFile(path, references: theirs, candidate: own)
        }
        reportExtra("file", own: state.files, references: references.map(\.files), selection.files)
    }

    private mutating func reportExtra(_ what: String, own: PyDict, references: [PyDict], _ patterns: [String]) {
        for (key, value) in own where Self.one(of: patterns, key.description) {
            if references.contains(where: { $0[key] != nil }) { continue }
            count(loosened: false)
            report(
                ValuePath([what, key.description]), .extra, references: [], candidate: value, expected: "nothing",
                got: "a file of this name")
        }
    }

    private mutating func compareFile(_ path: ValuePath, references: [PyValue], candidate: PyValue) {
        let texts = references.compactMap(\.parityText)
        guard texts.count == references.count, let own = candidate.parityText else {
            compare(path, references: references, candidate: candidate)
            return
        }
        let documents = texts.compactMap(ParityText.parse)
        if documents.count == texts.count, let document = ParityText.parse(own) {
            compare(path, references: documents, candidate: document)
            return
        }
        // A line each: JSON Lines or plain text.
        compareText(path, references: texts, candidate: own)
    }

    private static func one(of patterns: [String], _ text: String) -> Bool {
        patterns.isEmpty || patterns.contains { Glob.matches($0, text) }
    }

    /// White space in a schema is layout; tables that are not selected are dropped.
    private static func normalized(_ database: PyValue, _ tables: [String]) -> PyValue {
        guard case .dict(var dict) = database else { return database }
        if case .dict(let schema)? = dict["schema"] {
            var next = PyDict()
            for (name, sql) in schema {
                let words = (sql.parityText ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
                next[name] = .string(PyString(words))
            }
            dict["schema"] = .dict(next)
        }
        if case .dict(let rows)? = dict["rows"], !tables.isEmpty {
            var next = PyDict()
            for (name, list) in rows where one(of: tables, name.description) { next[name] = list }
            dict["rows"] = .dict(next)
        }
        return .dict(dict)
    }
}
