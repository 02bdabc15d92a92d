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

    /// Seconds from SIGTERM to the end: three more than the slowest reference, or twice as many, are too many (and as many
    /// more as the start took longer); less than a tenth of the fastest one is no orderly end, but five milliseconds are enough
    /// where the fastest one took less than a tenth of a second. Skipped where a reference does not say it.
    package mutating func compare(stop state: StateObservation, references: [StateObservation]) {
        let seen = references.compactMap(\.stopSeconds)
        guard seen.count == references.count, let least = seen.min(), let most = seen.max() else { return }
        let limit = max(most + 3, most * 2) + (clocks?.delay ?? 0)
        let path = ValuePath(["stop_s"])
        guard let own = state.stopSeconds else {
            count(loosened: false)
            report(
                path, .missing, references: seen.map(PyValue.float), candidate: nil,
                expected: "seconds from SIGTERM to the end", got: "missing")
            return
        }
        let floor = least < 0.1 ? min(least / 10, 0.005) : least / 10
        let fits = own >= floor && own <= limit
        settle(
            path,
            Plausibility.Verdict(
                noise: "time to stop",
                problem: fits
                    ? nil : "\(Plausibility.short(floor)) to \(Plausibility.short(limit)) s to stop"),
            kind: .value, references: seen.map(PyValue.float), candidate: .float(own),
            got: "\(Plausibility.short(own)) s")
    }

    /// SQLite files (schema, pragmas, rows) and small files that the run created or changed.
    package mutating func compare(
        state: StateObservation, references: [StateObservation], selection: StateSelection
    ) {
        compare(
            state: StateDocuments(state, selection), references: references.map { StateDocuments($0, selection) })
    }

    mutating func compare(state: StateDocuments, references: [StateDocuments]) {
        compare(
            ValuePath(["db"]), references: references.map { .dict($0.databases) }, candidate: .dict(state.databases))
        compare(ValuePath(["file"]), references: references.map { .dict($0.files) }, candidate: .dict(state.files))
        for (key, own) in state.texts.sorted(by: { $0.key < $1.key }) {
            let theirs = references.compactMap { $0.texts[key] }
            if theirs.count == references.count { compareForm(ValuePath(["file", key]), own: own, references: theirs) }
        }
    }

    /// A JSON file with the same values in other bytes: separators, escapes, indentation.
    private mutating func compareForm(_ path: ValuePath, own: StateDocuments.Text, references: [StateDocuments.Text]) {
        guard let form = references[0].form, references.allSatisfy({ $0.form == form }), own.form != form else {
            return
        }
        count(loosened: false)
        report(
            path, .bytes, references: [], candidate: nil, expected: "JSON as Python writes it (\(form))",
            got: own.form ?? "other bytes")
    }
}

/// What a run left behind, as documents: schemas without their layout, JSON files parsed, other files line by line.
package struct StateDocuments: Sendable {
    package var databases = PyDict()
    package var files = PyDict()
    /// The JSON files by name.
    var texts: [String: Text] = [:]

    struct Text: Sendable {
        /// The parameters of `json.dumps` that give exactly these bytes; nil: none does.
        var form: String?
    }

    package init(_ state: StateObservation, _ selection: StateSelection) {
        let (databases, files, tables) = (
            selection.databases.map(Glob.init), selection.files.map(Glob.init), selection.tables.map(Glob.init)
        )
        for (name, value) in Self.sorted(state.databases) where Self.one(of: databases, name) {
            self.databases[PyString(name)] = Self.normalized(value, tables)
        }
        for (name, value) in Self.sorted(state.files) where Self.one(of: files, name) {
            guard let text = value.parityText else {
                self.files[PyString(name)] = value
                continue
            }
            if let document = ParityText.parse(text) {
                self.files[PyString(name)] = document
                texts[name] = Text(form: Self.form(document, text))
            } else {
                // A line each: JSON Lines or plain text.
                self.files[PyString(name)] = .list(ParityText.lines(text))
            }
        }
    }

    /// By name: the order in which a directory is listed means nothing.
    private static func sorted(_ dict: PyDict) -> [(key: String, value: PyValue)] {
        dict.map { ($0.key.description, $0.value) }.sorted { $0.0 < $1.0 }
    }

    private static func form(_ document: PyValue, _ text: String) -> String? {
        let body = text.hasSuffix("\n") ? String(text.dropLast()) : text
        let end = text.hasSuffix("\n") ? ", newline" : ""
        for indent in [nil, 2, 4, 1] {
            guard let bytes = try? PyJSON.dumps(document, indent: indent) else { return nil }
            if bytes.elementsEqual(body.utf8) { return (indent.map { "indent \($0)" } ?? "one line") + end }
        }
        return nil
    }

    private static func one(of patterns: [Glob], _ text: String) -> Bool {
        patterns.isEmpty || patterns.contains { $0.matches(text) }
    }

    /// White space in a schema is layout; tables that are not selected are dropped.
    private static func normalized(_ database: PyValue, _ tables: [Glob]) -> PyValue {
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
