/// How the headers of answers are compared: the first entry that names a header decides, and one that none names is
/// compared by value.
package struct HeaderComparison: Sendable, Equatable {
    package enum Manner: String, Sendable, CaseIterable {
        case value
        /// Whether it is there.
        case presence
        /// For Content-Length: exactly where every reference has the same body, else the length of the answer's own.
        case length
        case never
    }

    package struct Entry: Sendable, Equatable {
        /// Glob patterns; upper and lower case are the same.
        package var names: [String]
        package var manner: Manner
        /// Why less than the value is compared; empty for what loosens nothing.
        package var reason: String

        package init(names: [String], manner: Manner, reason: String = "") {
            self.names = names
            self.manner = manner
            self.reason = reason
        }
    }

    package var entries: [Entry]

    package init(_ entries: [Entry] = HeaderComparison.strict) {
        self.entries = entries
    }

    /// Name of the header that says how long the body is.
    static let length = "Content-Length"

    /// What holds where nothing is declared: every value, and the length as the body's.
    package static let strict = [Entry(names: [length], manner: .length)]

    package func manner(of name: String) -> Manner {
        let name = name.lowercased()
        return entries.first { entry in entry.names.contains { Glob.matches($0.lowercased(), name) } }?.manner ?? .value
    }
}
