import Foundation
import PythonSemantics

/// A regular expression of Python's `re`, written for ICU: `.` stops at `\n` only, blanks are Python's.
struct TextPattern: @unchecked Sendable {
    // `NSRegularExpression` is immutable and safe to share.
    private let expression: NSRegularExpression?

    /// Python's `\s`, to be put between brackets.
    static let blanks = #"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"#

    /// - Parameter pattern: `{s}` stands for ``blanks``.
    init(_ pattern: String, ignoringCase: Bool = false) {
        var options: NSRegularExpression.Options = [.useUnixLineSeparators]
        if ignoringCase { options.insert(.caseInsensitive) }
        expression = try? NSRegularExpression(
            pattern: pattern.replacingOccurrences(of: "{s}", with: Self.blanks), options: options)
    }

    /// Groups of the first match, nil for one that did not take part; nil without a match.
    func first(in text: String) -> [String?]? {
        let subject = text as NSString
        return expression?.firstMatch(in: text, range: NSRange(location: 0, length: subject.length))
            .map { groups($0, subject) }
    }

    /// Groups of all matches, from left to right.
    func all(in text: String) -> [[String?]] {
        let subject = text as NSString
        return (expression?.matches(in: text, range: NSRange(location: 0, length: subject.length)) ?? [])
            .map { groups($0, subject) }
    }

    private func groups(_ match: NSTextCheckingResult, _ subject: NSString) -> [String?] {
        (1..<match.numberOfRanges).map { index in
            let range = match.range(at: index)
            return range.location == NSNotFound ? nil : subject.substring(with: range)
        }
    }
}

extension [String?] {
    /// A group that took part.
    subscript(group index: Int) -> String { indices.contains(index) ? self[index] ?? "" : "" }
}
