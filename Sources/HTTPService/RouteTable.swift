/// Handles one request. Anything thrown becomes aiohttp's answer for it (see ``HTTPApplication``).
package typealias RouteHandler = @Sendable (ServiceRequest) async throws -> ServiceResponse

/// Two registrations for one method and path: the second would never run.
package struct RouteClash: Error, Equatable, CustomStringConvertible {
    package let method: String
    package let path: String
    package var description: String { "the route \(method) \(path) is already registered" }
}

/// The routes of a node with aiohttp's matching rules: exact paths, `{name}` for one segment, HEAD with every GET,
/// 404 and 405 with the methods of all resources that match the path (behaviour/01 section 3.1).
///
/// Filled once at start, then read by many tasks.
package struct RouteTable: Sendable {
    package struct Route: Sendable {
        package let method: String
        package let path: String
        /// Id of the subsystem that serves it, for example `p2p.leadership`.
        package let subsystem: String
        package let handler: RouteHandler
    }

    package enum Match: Sendable {
        case found(Route, parameters: [String: String])
        /// No route has the path.
        case notFound
        /// `allowed`: sorted, HEAD included where GET is.
        case methodNotAllowed(allowed: [String])
    }

    struct Resource: Sendable {
        let pattern: PathPattern
        var byMethod: [String: Int] = [:]
    }

    /// In registration order; HEAD is not listed.
    package private(set) var routes: [Route] = []
    private var resources: [Resource] = []
    private var plain: [String: Int] = [:]
    /// Resources with `{name}` by their fixed beginning (aiohttp's resource index).
    private var dynamic: [String: [Int]] = [:]

    package init() {}

    /// Adds a route. `path` is `/a/{name}/b`, ASCII, each `{name}` a whole segment.
    package mutating func register(
        _ method: String, _ path: String, subsystem: String, handler: @escaping RouteHandler
    ) throws(RouteClash) {
        let index = resourceIndex(for: PathPattern(path))
        guard resources[index].byMethod[method] == nil else { throw RouteClash(method: method, path: path) }
        let route = routes.count
        routes.append(Route(method: method, path: path, subsystem: subsystem, handler: handler))
        resources[index].byMethod[method] = route
        if method == "GET", resources[index].byMethod["HEAD"] == nil { resources[index].byMethod["HEAD"] = route }
    }

    private mutating func resourceIndex(for pattern: PathPattern) -> Int {
        if pattern.isPlain {
            if let index = plain[pattern.text] { return index }
            plain[pattern.text] = resources.count
        } else {
            if let index = dynamic[pattern.indexKey]?.first(where: { resources[$0].pattern.text == pattern.text }) {
                return index
            }
            dynamic[pattern.indexKey, default: []].append(resources.count)
        }
        resources.append(Resource(pattern: pattern))
        return resources.count - 1
    }

    /// The route for a method and a decoded path (``RequestTarget/routingPath``).
    package func match(method: String, path: String) -> Match {
        var allowed: Set<String> = []
        if let index = plain[path], path.utf8.count == resources[index].pattern.text.utf8.count {
            if let route = resources[index].byMethod[method] { return .found(routes[route], parameters: [:]) }
            allowed.formUnion(resources[index].byMethod.keys)
        }
        if !dynamic.isEmpty, let match = matchDynamic(method, path, &allowed) { return match }
        return allowed.isEmpty ? .notFound : .methodNotAllowed(allowed: allowed.sorted())
    }

    /// aiohttp walks from the whole path up to `/`, so the longest fixed beginning wins, then registration order.
    private func matchDynamic(_ method: String, _ path: String, _ allowed: inout Set<String>) -> Match? {
        let segments = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var part = Substring(path)
        while !part.isEmpty {
            for index in dynamic[String(part)] ?? [] {
                guard let parameters = resources[index].pattern.match(segments) else { continue }
                if let route = resources[index].byMethod[method] {
                    return .found(routes[route], parameters: parameters)
                }
                allowed.formUnion(resources[index].byMethod.keys)
            }
            if part == "/" { break }
            let slash = part.utf8.lastIndex(of: UInt8(ascii: "/"))
            let parent = slash.map { part[..<$0] } ?? ""
            part = parent.isEmpty ? "/" : parent
        }
        return nil
    }

    package func match(_ request: ServiceRequest) -> Match {
        match(method: request.method, path: request.target.routingPath)
    }

    /// The subsystem a request belongs to; nil for 404 and 405.
    package func subsystem(of request: ServiceRequest) -> String? {
        if case .found(let route, _) = match(request) { return route.subsystem }
        return nil
    }
}

/// A registered path taken apart.
struct PathPattern: Sendable {
    enum Segment: Sendable {
        case literal([UInt8])
        case parameter(String)
    }
    let text: String
    let segments: [Segment]

    init(_ text: String) {
        precondition(
            text.hasPrefix("/") && text.utf8.allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "%") },
            "a route path starts with / and is plain ASCII: \(text)")
        self.text = text
        segments = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { segment in
            guard segment.contains(UInt8(ascii: "{")) || segment.contains(UInt8(ascii: "}")) else {
                return .literal(Array(segment))
            }
            let name = segment.dropFirst().dropLast()
            precondition(
                segment.first == UInt8(ascii: "{") && segment.last == UInt8(ascii: "}") && !name.isEmpty
                    && !name.contains(UInt8(ascii: "{")) && !name.contains(UInt8(ascii: "}"))
                    && !name.contains(UInt8(ascii: ":")),
                "a parameter fills its segment, /a/{name}: \(text)")
            return .parameter(String(decoding: name, as: UTF8.self))
        }
    }

    var isPlain: Bool { !segments.contains { if case .parameter = $0 { true } else { false } } }

    /// The fixed segments before the first parameter.
    var indexKey: String {
        let fixed = segments.prefix { if case .literal = $0 { true } else { false } }
        let key = fixed.map { segment -> String in
            guard case .literal(let bytes) = segment else { return "" }
            return String(decoding: bytes, as: UTF8.self)
        }.joined(separator: "/")
        return key.isEmpty ? "/" : key
    }

    /// `{name}` is `[^{}/]+` on the routing path; values lose the two protected escapes.
    func match(_ path: [Substring.UTF8View.SubSequence]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (given, segment) in zip(path, segments) {
            switch segment {
            case .literal(let bytes):
                guard given.elementsEqual(bytes) else { return nil }
            case .parameter(let name):
                guard !given.isEmpty, !given.contains(UInt8(ascii: "{")), !given.contains(UInt8(ascii: "}")) else {
                    return nil
                }
                parameters[name] = Self.unprotected(Substring(given))
            }
        }
        return parameters
    }

    /// `%2F` -> `/` first, then `%25` -> `%`.
    private static func unprotected(_ value: Substring) -> String {
        guard value.utf8.contains(UInt8(ascii: "%")) else { return String(value) }
        return replace("%25", "%", in: replace("%2F", "/", in: Array(value.utf8)).utf8.map { $0 })
    }

    private static func replace(_ escape: StaticString, _ plain: Character, in bytes: [UInt8]) -> String {
        let pattern = Array("\(escape)".utf8)
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index...].starts(with: pattern) {
                out += String(plain).utf8
                index += pattern.count
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
