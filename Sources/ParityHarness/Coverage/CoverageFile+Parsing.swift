import Foundation
import Yams

extension CoverageFile {
    /// - Throws: ``ParityError`` with file, line and what is wrong there.
    package init(contentsOf path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ParityError("\(path): cannot be read")
        }
        try self.init(text: String(decoding: data, as: UTF8.self), path: path)
    }

    /// - Parameter path: for messages.
    /// - Throws: ``ParityError`` with file, line and what is wrong there.
    package init(text: String, path: String) throws {
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            throw ParityError("\(path): \("\(error)".split(separator: "\n").joined(separator: " "))")
        }
        self = try CoverageParser(path: path).file(root)
    }
}

/// Turns the YAML nodes into a ``CoverageFile``; nodes know their line, so that every complaint has a place.
private struct CoverageParser {
    let path: String

    func file(_ root: Node?) throws -> CoverageFile {
        guard let root, let top = root.mapping else {
            throw ParityError("\(path): expected 'bodies', 'everywhere' and 'routes'")
        }
        try check(top, known: ["bodies", "everywhere", "routes"])
        let bodies = try sequence(top["bodies"]).map { TextTemplate(try text($0)) }
        guard let routes = top["routes"]?.mapping else { throw fault(root, "'routes' is no mapping") }
        return CoverageFile(
            path: path, everywhere: try sequence(top["everywhere"]).map(answer),
            routes: try routes.map { try route($0.key, $0.value, bodies: bodies) })
    }

    private func route(_ key: Node, _ value: Node, bodies: [TextTemplate]) throws -> CoverageFile.Route {
        guard let route = CoverageRoute(try text(key)) else {
            throw fault(key, "'\(try text(key))' is no route such as 'POST /sync/start'")
        }
        guard let fields = value.mapping else { throw fault(key, "\(route): no mapping") }
        try check(fields, known: ["page", "success", "body", "errors", "beyond"])
        guard let page = fields["page"], let success = fields["success"] else {
            throw fault(key, "\(route): 'page' or 'success' is missing")
        }
        var named = try body(fields["body"], bodies, route)
        named += try sequence(fields["errors"]).map(answer)
        return CoverageFile.Route(
            route: route, page: try text(page), success: try evidence(success), named: named,
            beyond: try sequence(fields["beyond"]).map(answer), line: line(key))
    }

    /// `[400, step, step, …]`: the status and, for each text under `bodies`, in that order, what shows it.
    private func body(
        _ node: Node?, _ bodies: [TextTemplate], _ route: CoverageRoute
    ) throws -> [CoverageFile.NamedAnswer] {
        guard let node else { return [] }
        let items = try sequence(node)
        guard let first = items.first, items.count == bodies.count + 1 else {
            throw fault(node, "\(route): 'body' needs a status and \(bodies.count) steps, one for each of 'bodies'")
        }
        let status = try number(first)
        return try zip(bodies, items.dropFirst()).map { template, item in
            CoverageFile.NamedAnswer(status: status, text: template, evidence: try evidence(item), line: line(item))
        }
    }

    /// `[404, Job not found, 02-bad-bodies/223]` or `[…, missing: the reason]`.
    private func answer(_ node: Node) throws -> CoverageFile.NamedAnswer {
        let items = try sequence(node)
        guard items.count == 3 else {
            throw fault(node, "expected [status, text, scenario/step] or [status, text, missing: reason]")
        }
        return CoverageFile.NamedAnswer(
            status: try number(items[0]), text: TextTemplate(try text(items[1])), evidence: try evidence(items[2]),
            line: line(node))
    }

    private func evidence(_ node: Node) throws -> CoverageFile.Evidence {
        if let fields = node.mapping {
            try check(fields, known: ["missing"])
            guard let reason = fields["missing"], !(try text(reason)).isEmpty else {
                throw fault(node, "'missing' without a reason")
            }
            return .missing(reason: try text(reason))
        }
        let words = try text(node).split(separator: "/", maxSplits: 1).map(String.init)
        guard words.count == 2 else { throw fault(node, "'\(try text(node))' is no step such as '01-empty-node/002'") }
        return .step(CoverageFile.StepReference(scenario: words[0], step: words[1]))
    }

    private func check(_ mapping: Node.Mapping, known: Set<String>) throws {
        for (key, _) in mapping where !known.contains(try text(key)) {
            throw fault(key, "unknown key '\(try text(key))'")
        }
    }

    /// No node at all counts as an empty sequence.
    private func sequence(_ node: Node?) throws -> [Node] {
        guard let node else { return [] }
        guard let items = node.sequence else { throw fault(node, "expected a list") }
        return Array(items)
    }

    private func number(_ node: Node) throws -> Int {
        guard let number = Int(try text(node)) else { throw fault(node, "'\(try text(node))' is no status") }
        return number
    }

    private func text(_ node: Node) throws -> String {
        guard let scalar = node.scalar else { throw fault(node, "expected a text") }
        return scalar.string
    }

    private func line(_ node: Node) -> Int { node.mark?.line ?? 0 }

    private func fault(_ node: Node, _ what: String) -> ParityError {
        ParityError("\(path):\(line(node)): \(what)")
    }
}
