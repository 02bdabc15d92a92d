import Foundation
import PythonSemantics

/// A route of the legacy: method and path, the path with parameters as in the route table (`/api/jobs/{job_id}`).
package struct CoverageRoute: Sendable, Hashable, CustomStringConvertible {
    package let method: String
    package let path: String

    package init(method: String, path: String) {
        self.method = method
        self.path = path
    }

    /// - Parameter text: `POST /sync/start`.
    package init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, words[0].allSatisfy(\.isUppercase), words[1].hasPrefix("/") else { return nil }
        self.init(method: String(words[0]), path: String(words[1]))
    }

    package var description: String { "\(method) \(path)" }

    /// Whether a request is one to this route. HEAD is none to a GET route: its answer has no body to show anything.
    package func serves(method: String, target: String) -> Bool {
        guard method == self.method else { return false }
        let asked = target.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false)
        let own = path.split(separator: "/", omittingEmptySubsequences: false)
        return asked.count == own.count
            && zip(asked, own).allSatisfy { $1.hasPrefix("{") ? !$0.isEmpty : $0 == $1 }
    }

    /// The routes of `docs/contract/data/routes.json`, in its order.
    /// - Throws: ``ParityError`` when the file cannot be read or is no list of routes.
    package static func list(contentsOf path: String) throws -> [CoverageRoute] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ParityError("\(path): cannot be read")
        }
        let value: PyValue
        do { value = try PyJSON.loads(Array(data)) } catch { throw ParityError("\(path): \(error)") }
        let routes = (value.asList ?? []).compactMap { entry -> CoverageRoute? in
            guard let method = entry["method"]?.asString, let path = entry["path"]?.asString else { return nil }
            return CoverageRoute(method: method.description, path: path.description)
        }
        guard !routes.isEmpty, routes.count == value.asList?.count else {
            throw ParityError("\(path): expected a list of objects with 'method' and 'path'")
        }
        return routes
    }
}
