import Foundation
import PythonSemantics

/// Which subsystem owns a route: `docs/contract/data/routes.json`.
package struct RouteMap: Sendable {
    package struct Route: Sendable, Equatable {
        package var method: String
        /// With placeholders, `/api/jobs/{job_id}`.
        package var pattern: String
        package var subsystem: String

        package var name: String { "\(method) \(pattern)" }
    }

    /// Of a request no contract route answers.
    package static let other = "other"

    package private(set) var routes: [Route] = []

    package init(_ routes: [Route] = []) {
        self.routes = routes
    }

    /// The contract's routes; none where the project's documents are not at hand, which makes everything "other".
    package static func contract() -> RouteMap {
        let path = ParityPlaces.project("docs/contract/data/routes.json")
        guard let data = FileManager.default.contents(atPath: path), let value = try? PyJSON.loads(Array(data)) else {
            return RouteMap()
        }
        return RouteMap(
            (value.asList ?? []).compactMap { entry in
                guard let method = entry["method"]?.asString, let pattern = entry["path"]?.asString else { return nil }
                return Route(
                    method: method.description, pattern: pattern.description,
                    subsystem: entry["subsystem"]?.asString?.description ?? other)
            })
    }

    /// The route that a request such as `GET /api/jobs/7` belongs to.
    /// - Returns: its name with placeholders, and whether the contract has it; a request with another method on a
    ///   known path belongs to the subsystem of the path.
    package func find(_ request: String) -> (name: String, subsystem: String, known: Bool) {
        let parts = request.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return (request, Self.other, false) }
        let candidates =
            routes.filter { $0.pattern == parts[1] } + routes.filter { Self.matches($0.pattern, parts[1]) }
        if let route = candidates.first(where: { $0.method == parts[0] }) { return (route.name, route.subsystem, true) }
        guard let near = candidates.first else { return (request, Self.other, false) }
        return ("\(parts[0]) \(near.pattern)", near.subsystem, false)
    }

    private static func matches(_ pattern: String, _ path: String) -> Bool {
        guard pattern.contains("{") else { return false }
        let wanted = pattern.split(separator: "/", omittingEmptySubsequences: false)
        let given = path.split(separator: "/", omittingEmptySubsequences: false)
        return wanted.count == given.count
            && zip(wanted, given).allSatisfy { $0 == $1 || ($0.hasPrefix("{") && !$1.isEmpty) }
    }
}
