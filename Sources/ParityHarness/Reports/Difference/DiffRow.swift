import Comparison

/// One line of a side-by-side view.
package struct DiffRow: Sendable, Equatable {
    package enum Mark: Sendable {
        case same
        /// A difference that counts.
        case differs
        /// A difference that noise or a rule explains.
        case accepted
    }

    /// nil: this side has nothing here.
    package var left: String?
    package var right: String?
    package var mark: Mark
    package var path: ValuePath
}

/// Part of a side-by-side view: status, headers, body, a database.
package struct DiffSection: Sendable {
    package var title: String
    package var rows: [DiffRow]
    /// Something to know that the lines cannot show.
    package var note: String?
}

/// A run of lines: shown, or folded because nothing near it differs.
package enum DiffPiece: Sendable {
    case shown([DiffRow])
    case folded([DiffRow])

    /// Folds lines that are further than `context` from a difference that counts.
    package static func fold(_ rows: [DiffRow], context: Int = 3) -> [DiffPiece] {
        var near = [Bool](repeating: false, count: rows.count)
        for index in rows.indices where rows[index].mark == .differs {
            for other in max(0, index - context)...min(rows.count - 1, index + context) { near[other] = true }
        }
        var pieces: [DiffPiece] = []
        var start = 0
        while start < rows.count {
            var end = start
            while end < rows.count, near[end] == near[start] { end += 1 }
            // A fold of a line or two would be longer than what it hides.
            let lines = Array(rows[start..<end])
            if near[start] || lines.count < 3 {
                if case .shown(let before)? = pieces.last {
                    pieces[pieces.count - 1] = .shown(before + lines)
                } else {
                    pieces.append(.shown(lines))
                }
            } else {
                pieces.append(.folded(lines))
            }
            start = end
        }
        return pieces
    }
}

/// Two texts cut into what they begin and end with in common, and what lies between.
package struct DiffSpan: Sendable, Equatable {
    package var before: String
    package var left: String
    package var right: String
    package var after: String

    package init(_ left: String, _ right: String) {
        let a = Array(left.unicodeScalars)
        let b = Array(right.unicodeScalars)
        let shorter = min(a.count, b.count)
        var start = 0
        while start < shorter, a[start] == b[start] { start += 1 }
        var end = 0
        while end < shorter - start, a[a.count - 1 - end] == b[b.count - 1 - end] { end += 1 }
        func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars)
            return String(view)
        }
        before = text(a[..<start])
        self.left = text(a[start..<(a.count - end)])
        self.right = text(b[start..<(b.count - end)])
        after = text(a[(a.count - end)...])
    }

    /// The same with each part no longer than a bound, cut where it is furthest from the difference.
    package func trimmed(around: Int, middle: Int) -> DiffSpan {
        var span = self
        if before.unicodeScalars.count > around { span.before = "…" + Self.last(before, around) }
        if after.unicodeScalars.count > around { span.after = Self.first(after, around) + "…" }
        span.left = Self.shortened(left, middle)
        span.right = Self.shortened(right, middle)
        return span
    }

    /// The beginning of a text, with its length when something is left out.
    package static func shortened(_ text: String, _ limit: Int) -> String {
        let count = text.unicodeScalars.count
        return count <= limit ? text : first(text, limit) + "… (\(count) characters)"
    }

    private static func first(_ text: String, _ count: Int) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(count)))
    }

    private static func last(_ text: String, _ count: Int) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.suffix(count)))
    }
}
