extension FlagFile {
    /// One line with its bytes and its meaning.
    struct Line: Sendable, Equatable {
        enum Content: Sendable, Equatable {
            /// Blank, or an operator's comment.
            case other
            case note(FlagNote)
            case assignment(Assignment)
            case unknownName(String)
            case malformed
        }

        struct Assignment: Sendable, Equatable {
            var name: FlagName
            var value: String
            /// Before the name: blanks, `export `.
            var before: String = ""
            /// After the value: a comment with the blanks before it.
            var after: String = ""

            var text: String { "\(before)\(name.variable)=\(value)\(after)" }
        }

        /// Without the line's end.
        let raw: [UInt8]
        let content: Content

        init(_ raw: [UInt8]) {
            self.raw = raw
            content = Self.content(String(decoding: raw, as: UTF8.self))
        }

        init(_ text: String) { self.init(Array(text.utf8)) }

        /// The name an assignment sets.
        var name: FlagName? {
            if case .assignment(let assignment) = content { assignment.name } else { nil }
        }

        private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { " \t\r".unicodeScalars.contains(scalar) }

        private static func isName(_ scalar: Unicode.Scalar) -> Bool {
            scalar == "_" || ("0"..."9").contains(scalar) || ("A"..."Z").contains(scalar)
                || ("a"..."z").contains(scalar)
        }

        private static func content(_ text: String) -> Content {
            let all = text.unicodeScalars
            var rest = all.drop(while: isBlank)
            guard let first = rest.first else { return .other }
            if first == "#" { return FlagNote(line: trimmed(all)).map { .note($0) } ?? .other }
            if rest.starts(with: "export".unicodeScalars), rest.dropFirst(6).first.map(isBlank) == true {
                rest = rest.dropFirst(6).drop(while: isBlank)
            }
            let before = String(all[..<rest.startIndex])
            let variable = String(rest.prefix(while: isName))
            rest = rest.dropFirst(variable.unicodeScalars.count)
            let name = FlagName(variable: variable)
            let tail = rest.drop(while: isBlank)
            guard tail.first == "=" else {
                // `RINGRIFT_IMPL_P2P legacy` names something, and what it says is unknown.
                guard let name else { return .malformed }
                return .assignment(
                    Assignment(name: name, value: trimmed(("(no =)" + String(rest)).unicodeScalars), before: before))
            }
            guard !variable.isEmpty else { return .malformed }
            guard let name else { return .unknownName(variable) }
            let (value, after) = value(tail.dropFirst())
            return .assignment(Assignment(name: name, value: value, before: before, after: after))
        }

        /// What follows the `=`: the value, and the comment behind it with its blanks.
        private static func value(_ text: Substring.UnicodeScalarView) -> (String, String) {
            let start = text.drop(while: isBlank)
            if let quote = start.first, quote == "\"" || quote == "'" {
                let inside = start.dropFirst()
                guard let end = inside.firstIndex(of: quote) else { return (trimmed(text), "") }
                let after = inside[inside.index(after: end)...]
                let next = after.drop(while: isBlank)
                guard next.isEmpty || (next.first == "#" && next.startIndex != after.startIndex) else {
                    return (trimmed(text), "")
                }
                return (String(inside[..<end]), comment(after))
            }
            var previous: Unicode.Scalar = "="
            for index in text.indices {
                if text[index] == "#", isBlank(previous) {
                    return (trimmed(text[..<index]), comment(text[index...]))
                }
                previous = text[index]
            }
            return (trimmed(text), "")
        }

        private static func comment(_ after: Substring.UnicodeScalarView) -> String {
            let text = trimmed(after)
            return text.isEmpty ? "" : " " + text
        }

        private static func trimmed(_ text: Substring.UnicodeScalarView) -> String {
            var text = text.drop(while: isBlank)
            while let last = text.last, isBlank(last) { text.removeLast() }
            return String(text)
        }

        private static func trimmed(_ text: String.UnicodeScalarView) -> String { trimmed(text[...]) }
    }
}
