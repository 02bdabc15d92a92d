/// The options of a `ringrift parity` command, read by a small table: `--name VALUE`, `--name=VALUE`, flags.
struct ParityOptions {
    /// Wrong usage: the text for stderr, exit status 2.
    struct UsageError: Error {
        var text: String
    }

    struct Option: Sendable {
        var name: String
        /// Placeholder in the help; nil: a flag.
        var value: String?
        var help: String
    }

    private var values: [String: [String]] = [:]
    /// Words that stand for themselves, in their order.
    private(set) var operands: [String] = []

    /// - Parameter operands: how many words may stand for themselves.
    init(_ arguments: [String], table: [Option], operands limit: Int = 0) throws(UsageError) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if !word.hasPrefix("--"), operands.count < limit {
                operands.append(word)
                continue
            }
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
