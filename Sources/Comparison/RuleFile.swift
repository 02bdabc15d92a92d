import Foundation
import Yams

/// A rule file that cannot be used: file name and what is wrong, in one line.
package struct RuleFileError: Error, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// `parity/rules.yaml` and `parity/divergences.yaml`: a list under `rules:` or `divergences:`. Fields: parity/README.md.
package enum RuleFile {
    private static let known: Set<String> = [
        "name", "id", "scenarios", "steps", "routes", "path", "when", "accept", "value", "reason", "owner", "expires",
        "occasional", "elements", "exchange", "cli", "legacy", "ours", "test",
    ]

    /// - Parameter name: for messages.
    package static func parse(_ text: String, name: String, origin: Rule.Origin) throws(RuleFileError) -> [Rule] {
        let document: Any?
        do { document = try Yams.load(yaml: text) } catch { throw RuleFileError("\(name): \(error)") }
        let key = origin == .rule ? "rules" : "divergences"
        guard let top = document as? [String: Any], let list = top[key] as? [Any] else {
            if document == nil { return [] }
            throw RuleFileError("\(name): expected a list under '\(key)'")
        }
        if let odd = top.keys.filter({ $0 != key }).sorted().first {
            throw RuleFileError("\(name): unknown field '\(odd)'")
        }
        var rules: [Rule] = []
        for (index, item) in list.enumerated() {
            guard let fields = item as? [String: Any] else {
                throw RuleFileError("\(name): entry \(index + 1) is no mapping")
            }
            rules.append(try rule(fields, place: "\(name): entry \(index + 1)", origin: origin))
        }
        if let twice = Dictionary(grouping: rules, by: \.name).first(where: { $0.value.count > 1 }) {
            throw RuleFileError("\(name): '\(twice.key)' is there twice")
        }
        return rules
    }

    private static func rule(
        _ fields: [String: Any], place: String, origin: Rule.Origin
    ) throws(RuleFileError) -> Rule {
        if let unknown = fields.keys.filter({ !known.contains($0) }).sorted().first {
            throw RuleFileError("\(place): unknown field '\(unknown)'")
        }
        func text(_ key: String) throws(RuleFileError) -> String {
            guard let value = fields[key] as? String, !value.isEmpty else {
                throw RuleFileError("\(place): '\(key)' is missing")
            }
            return value
        }
        func list(_ key: String) throws(RuleFileError) -> [String] {
            guard let value = fields[key] else { return [] }
            if let one = value as? String { return [one] }
            guard let many = value as? [Any] else { throw RuleFileError("\(place): '\(key)' is no list") }
            return many.map { "\($0)" }
        }
        var paths: [PathPattern] = []
        for path in try list("path") {
            guard let pattern = PathPattern(path) else {
                throw RuleFileError("\(place): path '\(path)' does not begin with '/'")
            }
            paths.append(pattern)
        }
        let cli = try commandLine(fields, place: place)
        // In a dimension of command lines everything, unless a path says less.
        if cli != nil, paths.isEmpty { paths = ["/**"].compactMap(PathPattern.init) }
        if paths.isEmpty { throw RuleFileError("\(place): 'path' is missing") }
        let when = Set(try list("when"))
        if let odd = when.subtracting(["replay", "run", "deterministic", "slice", "all"]).sorted().first {
            throw RuleFileError("\(place): when '\(odd)' is none of replay, run, deterministic, slice, all")
        }
        if cli != nil, let odd = when.subtracting(["replay", "run"]).sorted().first {
            throw RuleFileError("\(place): when '\(odd)' says nothing of command lines: replay or run")
        }
        let scenarios = if let cli { cli.cases } else { try list("scenarios") }
        return Rule(
            name: try text(origin == .rule ? "name" : "id"), origin: origin,
            scenarios: scenarios,
            steps: try list("steps"), routes: try list("routes"), paths: paths, when: when,
            acceptance: try acceptance(fields, place: place), reason: try text("reason"), owner: try text("owner"),
            expires: try expiry(fields["expires"], place: place), occasional: fields["occasional"] as? Bool ?? false,
            elements: try elements(fields, place: place),
            exchange: try exchange(fields, list("exchange"), place: place), commandLine: cli?.dimensions)
    }

    /// `cli: {cases: improve-*, dimensions: [stdout, files]}`; nil: the rule is about nodes.
    private static func commandLine(
        _ fields: [String: Any], place: String
    ) throws(RuleFileError) -> (cases: [String], dimensions: [CommandLineDimension])? {
        guard let value = fields["cli"] else { return nil }
        guard let cli = value as? [String: Any], Set(cli.keys) == ["cases", "dimensions"] else {
            throw RuleFileError("\(place): 'cli' has 'cases' and 'dimensions', and nothing else")
        }
        if let other = ["scenarios", "steps", "routes"].first(where: { fields[$0] != nil }) {
            throw RuleFileError("\(place): '\(other)' and 'cli' exclude each other")
        }
        func words(_ key: String) throws(RuleFileError) -> [String] {
            let words = (cli[key] as? String).map { [$0] } ?? cli[key] as? [String] ?? []
            if words.isEmpty { throw RuleFileError("\(place): '\(key)' of 'cli' is no list of names") }
            return words
        }
        var dimensions: [CommandLineDimension] = []
        for word in try words("dimensions") {
            guard let dimension = CommandLineDimension(rawValue: word) else {
                let known = CommandLineDimension.allCases.map(\.rawValue).joined(separator: ", ")
                throw RuleFileError("\(place): dimension '\(word)' is none of \(known)")
            }
            dimensions.append(dimension)
        }
        return (try words("cases"), dimensions)
    }

    private static func elements(_ fields: [String: Any], place: String) throws(RuleFileError) -> String? {
        guard let value = fields["elements"] else { return nil }
        guard fields["accept"] as? String == "set", let text = value as? String,
            (try? NSRegularExpression(pattern: text)) != nil
        else { throw RuleFileError("\(place): 'elements' is a regular expression and goes with 'accept: set'") }
        return text
    }

    private static func exchange(
        _ fields: [String: Any], _ names: [String], place: String
    ) throws(RuleFileError) -> [String] {
        if !names.isEmpty, fields["accept"] as? String != "set" || fields["elements"] != nil {
            throw RuleFileError("\(place): 'exchange' goes with 'accept: set' and without 'elements'")
        }
        return names
    }

    private static func acceptance(
        _ fields: [String: Any], place: String
    ) throws(RuleFileError) -> Rule.Acceptance {
        let kind = fields["accept"] as? String ?? ""
        switch kind {
        case "exact": return .exact
        case "type": return .type
        case "set": return .set
        case "order": return .order
        case "ignore": return .ignore
        case "tolerance":
            if let value = fields["value"] as? Double { return .tolerance(value) }
            if let value = fields["value"] as? Int { return .tolerance(Double(value)) }
            throw RuleFileError("\(place): 'tolerance' needs a number as 'value'")
        case "regex":
            guard let value = fields["value"] as? String, (try? NSRegularExpression(pattern: value)) != nil else {
                throw RuleFileError("\(place): 'regex' needs a regular expression as 'value'")
            }
            return .regex(value)
        default:
            throw RuleFileError(
                "\(place): accept '\(kind)' is none of exact, type, tolerance, regex, set, order, ignore")
        }
    }

    private static func expiry(_ value: Any?, place: String) throws(RuleFileError) -> String {
        if let date = value as? Date { return String(date.ISO8601Format().prefix(10)) }
        guard let text = value as? String, text.wholeMatch(of: #/\d{4}-\d\d-\d\d/#) != nil else {
            throw RuleFileError("\(place): 'expires' is no date (YYYY-MM-DD)")
        }
        return text
    }
}
