import Foundation
import PythonSemantics

/// Takes out of a text what belongs to the machine and not to the program: the path of the interpreter (`PY`), its
/// environment (`VENV`), the tree that was copied (`TREE`); cuts tracebacks to their first and last line.
struct CommandLineText: Sendable {
    private let interpreters: [NSRegularExpression]
    private let anyInterpreter: NSRegularExpression
    private let environments: [String]
    private let tree: String

    /// - Parameters:
    ///   - command: words in it that are interpreters count as such.
    ///   - tree: absolute path on the machine.
    init(command: String, interpreters: [String], tree: String) throws {
        let named = command.split(whereSeparator: { " '\"\n".contains($0) }).map(String.init).filter {
            $0.wholeMatch(of: #/\/.*\/python[0-9.]*/#) != nil
        }
        let all = interpreters + named
        self.interpreters = try all.map { try Self.word(NSRegularExpression.escapedPattern(for: $0)) }
        anyInterpreter = try Self.word(#"(?:/[\w.+@-]+)+/python[\d.]*"#)
        let parents = all.filter { $0.contains("/") }.map { path in
            ((path as NSString).deletingLastPathComponent as NSString).deletingLastPathComponent
        }
        environments = Set(parents).subtracting(["/usr", "/", ""]).sorted { ($1.count, $0) < ($0.count, $1) }
        self.tree = tree
    }

    /// A pattern that does not begin or end within a path.
    private static func word(_ pattern: String) throws -> NSRegularExpression {
        try NSRegularExpression(pattern: #"(?<![\w/.-])"# + pattern + #"(?![\w/.-])"#)
    }

    func normalized(_ text: String) -> String {
        var text = text
        if text.contains("/") {
            for expression in interpreters + (text.contains("/python") ? [anyInterpreter] : []) {
                text = expression.stringByReplacingMatches(
                    in: text, range: NSRange(text.startIndex..., in: text), withTemplate: "PY")
            }
            for path in environments { text = text.replacing(path, with: "VENV") }
            text = text.replacing(tree, with: "TREE")
        }
        return text
    }

    private static let traceback = "Traceback (most recent call last):"
    private static let links: Set<String> = [
        "During handling of the above exception, another exception occurred:",
        "The above exception was the direct cause of the following exception:",
    ]

    /// The lines of an output. A traceback is its first and its last line; of tracebacks that are linked the last one.
    func lines(_ text: String) -> [String] {
        var kept: [String] = []
        var inside = false
        for slice in normalized(text).split(separator: "\n", omittingEmptySubsequences: false) {
            let line = String(slice)
            if Self.links.contains(line), let start = kept.lastIndex(of: Self.traceback) {
                kept.removeSubrange(start...)
                inside = true
            } else if !inside || !(line.isEmpty || line.hasPrefix("  ")) {
                inside = line == Self.traceback
                kept.append(line)
            }
        }
        return kept
    }

    /// Bytes of an output as text: what is not UTF-8 replaced, every kind of line end a newline.
    static func decoded(_ bytes: [UInt8]) -> String {
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var previous: UInt8 = 0
        for byte in bytes {
            if byte == 0x0D {
                plain.append(0x0A)
            } else if byte != 0x0A || previous != 0x0D {
                plain.append(byte)
            }
            previous = byte
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
