import PythonSemantics

/// A node's role as the wire writes it (contract 02 section 2).
package enum NodeRole: String, Sendable, Hashable, CaseIterable {
    case leader
    case follower
    case candidate

    /// `NodeRole(value)` of Python: a string among the three, anything else is a `ValueError`.
    package init(python value: PyValue) throws(PyException) {
        self = try parseEnum(value, named: "NodeRole")
    }

    /// The JSON form.
    package var value: PyValue {
        switch self {
        case .leader: "leader"
        case .follower: "follower"
        case .candidate: "candidate"
        }
    }
}

/// A Python string enum lookup by value; the error text is what handlers answer to a peer.
func parseEnum<E: RawRepresentable & CaseIterable>(_ value: PyValue, named name: String) throws(PyException) -> E
where E.RawValue == String {
    if case .string(let text) = value {
        for candidate in E.allCases where PyString(candidate.rawValue) == text { return candidate }
    }
    throw PyException(type: "ValueError", message: "\(value.pyRepr) is not a valid \(name)")
}
