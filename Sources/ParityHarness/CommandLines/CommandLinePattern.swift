import Foundation
import PythonSemantics

/// A regular expression in Python's spelling, as case files hold them; searched for, not anchored.
struct CommandLinePattern: Sendable {
    /// nil: the empty pattern, which fits everything.
    private let expression: NSRegularExpression?

    /// - Parameter spanning: whether `.` stands for a newline, too (`re.S`).
    /// - Throws: ``ParityError`` for what is no regular expression.
    init(_ text: PyString, spanning: Bool = false) throws {
        if text.isEmpty {
            expression = nil
            return
        }
        let pattern = text.description.replacing("(?P<", with: "(?<").replacing("\\Z", with: "\\z")
        do {
            expression = try NSRegularExpression(
                pattern: pattern, options: spanning ? [.dotMatchesLineSeparators] : [])
        } catch {
            throw ParityError("'\(text)' is no regular expression")
        }
    }

    func found(in text: PyString) -> Bool {
        guard let expression else { return true }
        let text = text.description
        return expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }
}

/// An entry of `ignore` or `unordered`: a part as a whole (`stdout`), or what fits a pattern there (`stdout:REGEX`).
struct CommandLineRule: Sendable {
    var part: String
    /// nil: the part as a whole.
    var pattern: CommandLinePattern?

    static func ignore(_ value: PyValue) throws -> CommandLineRule {
        try CommandLineRule(
            value, "ignore", whole: ["exit", "stdout", "stderr", "spawned", "left_running", "files"],
            partly: ["files", "stdout", "stderr", "spawned", "text", "metrics", "keys"])
    }

    static func unordered(_ value: PyValue) throws -> CommandLineRule {
        try CommandLineRule(
            value, "unordered", whole: ["stdout", "stderr", "spawned", "text", "metrics"],
            partly: ["stdout", "stderr", "spawned", "text", "metrics"])
    }

    private init(_ value: PyValue, _ list: String, whole: Set<String>, partly: Set<String>) throws {
        guard case .string(let text) = value else { throw ParityError("'\(list)' holds what is no text") }
        if let (name, rest) = Self.halves(text) {
            guard partly.contains(name) else { throw ParityError("'\(list)': no part '\(name)'") }
            part = name
            pattern = try CommandLinePattern(rest)
        } else {
            guard whole.contains(text.description) else { throw ParityError("'\(list)': no part '\(text)'") }
            part = text.description
        }
    }

    private static func halves(_ text: PyString) -> (name: String, rest: PyString)? {
        let parts = text.split(":", maxSplits: 1)
        guard parts.count == 2, let first = parts.first, let last = parts.last else { return nil }
        return (first.description, last)
    }
}
