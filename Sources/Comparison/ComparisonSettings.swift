import Foundation
import Yams

/// What a comparison needs beside its rules.
package struct ComparisonSettings: Sendable {
    /// The legacy's log lines, for the order within a task and for remarks; may be empty.
    package var logTemplates: LogTemplates
    package var pages: [PageStructure]
    /// Both sides run on the same virtual clock (`--deterministic`): times are values like any other.
    package var exactTimes: Bool

    package init(
        logTemplates: LogTemplates = LogTemplates(), pages: [PageStructure] = [], exactTimes: Bool = false
    ) {
        self.logTemplates = logTemplates
        self.pages = pages
        self.exactTimes = exactTimes
    }

    /// The list under `pages:` of a rule file: `routes`, `title`, `ids`, `links`, `elements`.
    package static func pages(_ text: String, name: String) throws(RuleFileError) -> [PageStructure] {
        let document: Any?
        do { document = try Yams.load(yaml: text) } catch { throw RuleFileError("\(name): \(error)") }
        guard let list = (document as? [String: Any])?["pages"] else { return [] }
        guard let items = list as? [[String: Any]] else {
            throw RuleFileError("\(name): 'pages' is no list of mappings")
        }
        var pages: [PageStructure] = []
        for (index, fields) in items.enumerated() {
            let place = "\(name): page \(index + 1)"
            let known: Set<String> = ["routes", "title", "ids", "links", "elements"]
            if let odd = fields.keys.filter({ !known.contains($0) }).sorted().first {
                throw RuleFileError("\(place): unknown field '\(odd)'")
            }
            func words(_ key: String) -> [String] {
                if let one = fields[key] as? String { return [one] }
                return (fields[key] as? [Any] ?? []).map { "\($0)" }
            }
            if words("routes").isEmpty { throw RuleFileError("\(place): 'routes' is missing") }
            pages.append(
                PageStructure(
                    routes: words("routes"), title: fields["title"] as? String, ids: words("ids"),
                    links: words("links"), elements: words("elements")))
        }
        return pages
    }

    func page(of route: String) -> PageStructure? {
        pages.first { page in page.routes.contains { Glob.matches($0, route) } }
    }
}
