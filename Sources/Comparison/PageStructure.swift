import PythonSemantics

/// What a page has to have, as declared in an ``AnswerFile``; the rest of its HTML is its own affair.
package struct PageStructure: Sendable, Equatable {
    /// Glob patterns, `GET /dashboard`.
    package var routes: [String]
    /// Glob over the text of `<title>`; nil: any.
    package var title: String?
    /// Glob over the whole page; nil: any.
    package var text: String?
    package var ids: [String]
    /// Values of `href` and `src`.
    package var links: [String]
    /// Names of elements.
    package var elements: [String]

    package init(
        routes: [String], title: String? = nil, text: String? = nil, ids: [String] = [], links: [String] = [],
        elements: [String] = []
    ) {
        self.routes = routes
        self.title = title
        self.text = text
        self.ids = ids
        self.links = links
        self.elements = elements
    }

    var demandsNothing: Bool {
        title == nil && text == nil && ids.isEmpty && links.isEmpty && elements.isEmpty
    }
}

extension PreparedAnswer {
    /// A recording may have `<html of 61426 characters>` for a page. An answer cannot: its length would be another.
    var isUnrecordedPage: Bool {
        isPage && text.wholeMatch(of: #/<html of \d+ characters>/#) != nil
            && answer.header(HeaderComparison.length) != String(text.utf8.count)
    }
}

/// The tags of a page: enough of HTML to find titles, ids and links.
struct PageReader {
    private(set) var title: String?
    private(set) var ids: Set<String> = []
    private(set) var links: Set<String> = []
    private(set) var elements: Set<String> = []

    init(_ html: String) {
        var rest = html[...]
        while let open = rest.firstIndex(of: "<") {
            rest = rest[rest.index(after: open)...]
            if rest.hasPrefix("!--") {
                guard let end = rest.firstRange(of: "-->") else { return }
                rest = rest[end.upperBound...]
                continue
            }
            guard let close = rest.firstIndex(of: ">") else { return }
            let tag = rest[..<close]
            rest = rest[rest.index(after: close)...]
            let name = tag.prefix { $0.isLetter || $0.isNumber }.lowercased()
            if name.isEmpty { continue }
            elements.insert(name)
            attributes(tag.dropFirst(name.count))
            if name == "title" {
                title = rest.prefix { $0 != "<" }.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            }
            // What stands in a script or a style is no markup.
            if name == "script" || name == "style" {
                guard let end = rest.firstRange(of: "</" + name) else { return }
                rest = rest[end.lowerBound...]
            }
        }
    }

    private mutating func attributes(_ text: Substring) {
        for match in text.matches(of: #/([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/#) {
            let value = String(match.output.2 ?? match.output.3 ?? match.output.4 ?? "")
            switch match.output.1.lowercased() {
            case "id": ids.insert(value)
            case "href", "src": links.insert(value)
            default: break
            }
        }
    }
}

extension Comparer {
    mutating func compare(page answer: PreparedAnswer, structure: PageStructure) {
        if scope.route?.hasPrefix("HEAD ") ?? false { return }
        if answer.isUnrecordedPage {
            remarks.append("the text of the page was not recorded, nothing of it is compared")
            return
        }
        compare(page: answer.text, structure: structure)
    }

    mutating func compare(page html: String, structure: PageStructure) {
        let page = PageReader(html)
        if let wanted = structure.text {
            check(["page", "text"], Glob(wanted).matches(html), wanted, Self.shorten(html))
        }
        if let wanted = structure.title {
            check(
                ["page", "title"], page.title.map { Glob(wanted).matches($0) } ?? false, wanted, page.title ?? "none")
        }
        for id in structure.ids { check(["page", "id", id], page.ids.contains(id), "id \(id)", "missing") }
        for link in structure.links {
            let glob = Glob(link)
            check(["page", "link", link], page.links.contains { glob.matches($0) }, "a link to \(link)", "missing")
        }
        for element in structure.elements {
            check(["page", "element", element], page.elements.contains(element), "<\(element)>", "missing")
        }
    }

    private mutating func check(_ path: [String], _ fits: Bool, _ expected: String, _ got: String) {
        count(loosened: false)
        if fits {
            noteEqual(ValuePath(path))
        } else {
            report(ValuePath(path), .missing, references: [], candidate: nil, expected: expected, got: got)
        }
    }
}
