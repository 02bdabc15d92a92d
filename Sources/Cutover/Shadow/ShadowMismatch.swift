import PythonSemantics

/// One mismatch as it is kept: what is needed to see it and to play it again with `ringrift candidate --repro FILE`.
package struct ShadowMismatch: Sendable, Equatable {
    /// Version of the file format. `parity repro` has another one, whose pre-state is a scenario.
    package static let format: PyString = "shadow-1"

    package var route: String
    /// When it was seen, unix seconds.
    package var made: Double
    /// What the node was told at its start, without its token.
    package var node: PyDict
    /// What the candidate was asked: request, state and views.
    package var sample: PyDict
    /// Answers of the serving side and of the candidate, in turn.
    package var old: [PyValue]
    package var new: [PyValue]
    /// `{path, kind, expected, got}`, those that repeated.
    package var differences: [PyDict]

    package init(
        route: String, made: Double, node: PyDict, sample: PyDict, old: [PyValue], new: [PyValue],
        differences: [PyDict]
    ) {
        self.route = route
        self.made = made
        self.node = node
        self.sample = sample
        self.old = old
        self.new = new
        self.differences = differences
    }

    /// Eight hexadecimal digits that depend on where something differs, not on the values: one a defect.
    package var id: String {
        let places = differences.map { "\(($0["kind"] ?? .none).pyStr) \(($0["path"] ?? .none).pyStr)" }.sorted()
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in ([route] + places).joined(separator: "\u{0}").utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash ^= hash >> 31
        let digits = String(hash, radix: 16)
        return String((String(repeating: "0", count: 16 - digits.count) + digits).prefix(8))
    }

    package func value() -> PyValue {
        .dict([
            "format": .string(Self.format), "id": .string(PyString(id)), "made": .float(made),
            "route": .string(PyString(route)), "differences": .list(differences.map { .dict($0) }),
            "request": .dict(Self.shown(sample)), "old": .list(old), "new": .list(new), "node": .dict(node),
            "state": Self.withoutToken(sample["state"] ?? .none), "views": sample["views"] ?? .none,
        ])
    }

    /// Nil for what is no mismatch of this format.
    package init?(_ value: PyValue) {
        guard case .dict(let dict) = value, dict["format"]?.asString == Self.format,
            case .dict(var sample)? = dict["request"], case .dict(let node)? = dict["node"]
        else { return nil }
        sample["state"] = dict["state"] ?? PyValue.none
        sample["views"] = dict["views"] ?? PyValue.none
        self.init(
            route: (dict["route"] ?? .none).pyStr, made: dict["made"]?.asDouble ?? 0, node: node, sample: sample,
            old: dict["old"]?.asList ?? [], new: dict["new"]?.asList ?? [],
            differences: (dict["differences"]?.asList ?? []).compactMap(\.asDict))
    }

    private static func withoutToken(_ state: PyValue) -> PyValue {
        guard case .dict(var attributes) = state else { return state }
        attributes.removeValue(forKey: "auth_token")
        return .dict(attributes)
    }

    /// The request without what may be a secret.
    private static func shown(_ sample: PyDict) -> PyDict {
        var request = sample
        for part in ["state", "views"] as [PyString] { request.removeValue(forKey: part) }
        let secrets: Set<String> = ["authorization", "x-ringrift-auth", "cookie", "proxy-authorization"]
        let headers = (sample["headers"]?.asList ?? []).filter { pair in
            !secrets.contains((pair.asList?.first ?? .none).pyStr.lowercased())
        }
        request["headers"] = .list(headers)
        return request
    }
}
