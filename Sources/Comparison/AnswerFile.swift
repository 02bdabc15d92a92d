import Foundation
import Yams

/// `parity/answers.yaml`: how headers are compared, and what each HTML page has to have. Fields: parity/README.md.
package struct AnswerFile: Sendable, Equatable {
    package var headers: HeaderComparison
    package var pages: [PageStructure]

    /// - Parameters:
    ///   - text: YAML.
    ///   - name: for messages.
    package init(_ text: String, name: String) throws(RuleFileError) {
        let document: Any?
        do { document = try Yams.load(yaml: text) } catch { throw RuleFileError("\(name): \(error)") }
        guard let top = document as? [String: Any] else {
            throw RuleFileError("\(name): expected 'headers' and 'pages'")
        }
        if let odd = top.keys.filter({ !["headers", "pages"].contains($0) }).sorted().first {
            throw RuleFileError("\(name): unknown field '\(odd)'")
        }
        headers = HeaderComparison([])
        pages = []
        for fields in try Self.entries(top, "headers", name: name, known: ["names", "compare", "reason"]) {
            headers.entries.append(try Self.header(fields))
        }
        for fields in try Self.entries(
            top, "pages", name: name, known: ["routes", "title", "text", "ids", "links", "elements", "reason"])
        {
            pages.append(try Self.page(fields))
        }
    }

    private static func header(_ fields: Fields) throws(RuleFileError) -> HeaderComparison.Entry {
        let names = try fields.words("names")
        if names.isEmpty { throw fields.error("'names' is missing") }
        let word = try fields.text("compare") ?? ""
        guard let manner = HeaderComparison.Manner(rawValue: word) else {
            let known = HeaderComparison.Manner.allCases.map(\.rawValue).joined(separator: ", ")
            throw fields.error("compare '\(word)' is none of \(known)")
        }
        if manner == .length, names.map({ $0.lowercased() }) != [HeaderComparison.length.lowercased()] {
            throw fields.error("'length' is for \(HeaderComparison.length) alone")
        }
        let reason = try fields.text("reason") ?? ""
        if reason.isEmpty, manner == .presence || manner == .never {
            throw fields.error("'reason' is missing, '\(word)' loosens")
        }
        return HeaderComparison.Entry(names: names, manner: manner, reason: reason)
    }

    private static func page(_ fields: Fields) throws(RuleFileError) -> PageStructure {
        let page = PageStructure(
            routes: try fields.words("routes"), title: try fields.text("title"), text: try fields.text("text"),
            ids: try fields.words("ids"), links: try fields.words("links"), elements: try fields.words("elements"))
        if page.routes.isEmpty { throw fields.error("'routes' is missing") }
        if page.demandsNothing { throw fields.error("none of title, text, ids, links, elements is there") }
        if (try fields.text("reason") ?? "").isEmpty { throw fields.error("'reason' is missing") }
        return page
    }

    /// One entry of a list and where it stands.
    private struct Fields {
        var values: [String: Any]
        var place: String

        func error(_ text: String) -> RuleFileError { RuleFileError("\(place): \(text)") }

        func text(_ key: String) throws(RuleFileError) -> String? {
            guard let value = values[key] else { return nil }
            guard let text = value as? String else { throw error("'\(key)' is no text") }
            return text
        }

        /// A list of texts, or one.
        func words(_ key: String) throws(RuleFileError) -> [String] {
            guard let value = values[key] else { return [] }
            if let one = value as? String { return [one] }
            guard let many = value as? [String] else { throw error("'\(key)' is no list of texts") }
            return many
        }
    }

    private static func entries(
        _ top: [String: Any], _ key: String, name: String, known: Set<String>
    ) throws(RuleFileError) -> [Fields] {
        guard let list = top[key] else { throw RuleFileError("\(name): '\(key)' is missing") }
        guard let items = list as? [[String: Any]] else {
            throw RuleFileError("\(name): '\(key)' is no list of mappings")
        }
        var entries: [Fields] = []
        for (index, values) in items.enumerated() {
            let fields = Fields(values: values, place: "\(name): \(key) \(index + 1)")
            if let odd = values.keys.filter({ !known.contains($0) }).sorted().first {
                throw fields.error("unknown field '\(odd)'")
            }
            entries.append(fields)
        }
        return entries
    }
}
