import Comparison

/// The text of a named answer with places that vary: `*` or `{name}` stands for any text, also for none.
package struct TextTemplate: Sendable, Equatable, CustomStringConvertible {
    package let description: String
    private let pattern: String

    package init(_ text: String) {
        description = text
        pattern = text.replacing(#/\{[A-Za-z_]+\}/#, with: "*")
    }

    package func matches(_ text: String) -> Bool { Glob.matches(pattern, text) }
}
