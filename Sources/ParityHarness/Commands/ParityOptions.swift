/// The options of a `ringrift parity` command, read by a small table: `--name VALUE`, `--name=VALUE`, flags.
struct ParityOptions {
    /// Wrong usage: the text for stderr, exit status 2.
    struct UsageError: Error {
        var text: String
    }

    struct Option {
        var name: String
        /// Placeholder in the help; nil: a flag.
        var value: String?
        var help: String
    }

    static let common: [Option] = [
        Option(name: "--scenarios", value: "DIR", help: "scenario files (default: parity/scenarios)"),
        Option(name: "--recordings", value: "DIR", help: "recordings, or a folder that holds scenarios, too"),
        Option(name: "--only", value: "NAME", help: "only this scenario (again for more; * allowed)"),
        Option(name: "--all", value: nil, help: "every step, not only those of the slice"),
        Option(name: "--slice", value: "FILE", help: "what the slice is (default: parity/slice.yaml)"),
        Option(name: "--rules", value: "FILE", help: "named loosenings (default: parity/rules.yaml)"),
        Option(
            name: "--divergences", value: "FILE", help: "listed differences (default: parity/divergences.yaml)"),
        Option(name: "--candidate", value: "'CMD {args}'", help: "the node to judge (default: ringrift p2p {args})"),
        Option(name: "--env", value: "NAME=VALUE", help: "variable for the candidate (again for more)"),
        Option(name: "--python", value: "PROGRAM", help: "interpreter for helper programs of scenarios"),
        Option(
            name: "--deterministic", value: nil,
            help: "virtual clock, labelled random streams, fixed probes: compare whole bodies"),
        Option(name: "--seed", value: "TEXT", help: "root of the random streams (default: ringrift)"),
        Option(name: "--json", value: "FILE", help: "write the report as JSON, too"),
        Option(name: "--junit", value: "FILE", help: "write the report as JUnit XML, too"),
        Option(name: "--html", value: "FILE", help: "write the report as one HTML page, too"),
        Option(name: "--store", value: "DIR", help: "where mismatches are kept (default: \(MismatchStore.standard))"),
        Option(name: "--quiet", value: nil, help: "print only what differs, and the summary"),
        Option(name: "--jobs", value: "N", help: "sandboxes at once (default: two a core)"),
        Option(name: "--timeout", value: "SECONDS", help: "for each sandbox (default: by the scenario's length)"),
        Option(name: "--no-sandbox", value: nil, help: "without namespaces, where they are not allowed"),
        Option(name: "--list", value: nil, help: "print the scenarios, play nothing"),
        Option(name: "--keep", value: "DIR", help: "keep what was observed, in the form of recordings"),
        Option(name: "--help", value: nil, help: "show this and exit"),
    ]

    static let replay: [Option] = [
        Option(
            name: "--tree", value: "PATH|bundled", help: "tree the candidate works in (default: an empty one)")
    ]

    static let run: [Option] = [
        Option(
            name: "--legacy-root", value: "PATH|bundled", help: "the legacy's ai-service (default: bundled)"),
        Option(
            name: "--legacy-python", value: "PROGRAM",
            help: "its interpreter (default: the tree's venv, RINGRIFT_VENV, python3)"),
        Option(name: "--legacy-env", value: "NAME=VALUE", help: "variable for the legacy (again for more)"),
        Option(name: "--no-noise", value: nil, help: "start the legacy once, do not learn what is noise"),
    ]

    static let legacy: [Option] = run.filter { $0.name != "--no-noise" }

    static let record: [Option] =
        legacy + replay + [
            Option(name: "--out", value: "DIR", help: "where the recordings go (default: recordings)"),
            Option(name: "--takes", value: "N", help: "record N times, into DIR/a, DIR/b, …"),
            Option(name: "--force", value: nil, help: "replace recordings that are there"),
        ]
        + common.filter {
            !["--all", "--slice", "--rules", "--divergences", "--json", "--keep"].contains($0.name)
        }

    /// These of the common options, in this order.
    static func common(_ names: [String]) -> [Option] {
        names.compactMap { name in common.first { $0.name == name } }
    }

    private var values: [String: [String]] = [:]

    init(_ arguments: [String], table: [Option]) throws(UsageError) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard word.hasPrefix("--"), let option = table.first(where: { $0.name == parts[0] }) else {
                throw UsageError(text: "unknown argument '\(word)'")
            }
            guard option.value != nil else {
                if parts.count > 1 { throw UsageError(text: "\(option.name) takes no value") }
                values[option.name, default: []].append("")
                continue
            }
            guard let value = parts.count > 1 ? parts[1] : rest.popFirst() else {
                throw UsageError(text: "\(option.name) needs a value")
            }
            values[option.name, default: []].append(value)
        }
    }

    func has(_ name: String) -> Bool { values[name] != nil }
    func text(_ name: String) -> String? { values[name]?.last }
    func all(_ name: String) -> [String] { values[name] ?? [] }

    func count(_ name: String, default fallback: Int) throws(UsageError) -> Int {
        guard let text = text(name) else { return fallback }
        guard let number = Int(text), number > 0 else { throw UsageError(text: "\(name): '\(text)' is no count") }
        return number
    }

    func seconds(_ name: String) throws(UsageError) -> Double? {
        guard let text = text(name) else { return nil }
        guard let number = Double(text), number > 0, number < 1e7 else {
            throw UsageError(text: "\(name): '\(text)' is no number of seconds")
        }
        return number
    }

    func pairs(_ name: String) throws(UsageError) -> [String: String] {
        var pairs: [String: String] = [:]
        for text in all(name) {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw UsageError(text: "\(name): '\(text)' is not NAME=VALUE")
            }
            pairs[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        return pairs
    }

    /// The options of a table, 80 columns.
    static func help(_ table: [Option]) -> String {
        table.map { option in
            let left = "  " + option.name + (option.value.map { " " + $0 } ?? "")
            let right = TerminalReport.wrap(option.help, indent: 28)
            let first = right.first.map { $0.dropFirst(28) } ?? ""
            let head = left.count < 27 ? TerminalReport.fit(left, 28) + first : left + "\n" + (right.first ?? "")
            return ([head] + right.dropFirst()).joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
