/// The usage lines.
extension ArgparseHelpFormatter {
    /// `usage: …` with its newline.
    func usage() -> String {
        let prefix = "usage: "
        let options = spec.arguments.filter(\.isOption)
        let positionals = spec.arguments.filter { !$0.isOption }
        let whole = spec.prog + " " + brief(options + positionals)
        if ArgText.length(prefix) + ArgText.length(whole) <= width { return prefix + whole + "\n" }

        let optionParts = Self.parts(brief(options))
        let positionalParts = Self.parts(brief(positionals))
        let head = ArgText.length(prefix) + ArgText.length(spec.prog)
        var out: [String]
        if Double(head) <= 0.75 * Double(width) {
            let indent = ArgText.blanks(head + 1)
            // There is always `[-h]`, so the options come first.
            out = lines([spec.prog] + optionParts, indent: indent, after: prefix)
            out += lines(positionalParts, indent: indent)
        } else {
            let indent = ArgText.blanks(ArgText.length(prefix))
            var rest = lines(optionParts + positionalParts, indent: indent)
            if rest.count > 1 {
                rest = lines(optionParts, indent: indent) + lines(positionalParts, indent: indent)
            }
            out = [spec.prog] + rest
        }
        return prefix + out.joined(separator: "\n") + "\n"
    }

    /// Fills lines with parts. The first line stands after `prefix`, when there is one, instead of after the indent.
    private func lines(_ parts: [String], indent: String, after prefix: String? = nil) -> [String] {
        var out: [String] = []
        var line: [String] = []
        var length = ArgText.length(prefix ?? indent) - 1
        func finish() {
            let text = line.joined(separator: " ")
            out.append(out.isEmpty && prefix != nil ? text : indent + text)
        }
        for part in parts {
            if length + 1 + ArgText.length(part) > width, !line.isEmpty {
                finish()
                line = []
                length = ArgText.length(indent) - 1
            }
            line.append(part)
            length += ArgText.length(part) + 1
        }
        if !line.isEmpty { finish() }
        return out
    }

    /// The arguments in one line: `[-h] --node-id NODE_ID file`.
    private func brief(_ arguments: [ArgumentSpec]) -> String {
        let texts = arguments.map { argument -> String in
            guard argument.isOption else { return self.arguments(of: argument) }
            let body: String
            if argument.takesArguments {
                body = "\(argument.optionStrings[0]) \(self.arguments(of: argument))"
            } else if argument.action == .booleanOptional {
                body = argument.optionStrings.joined(separator: " | ")
            } else {
                body = argument.optionStrings[0]
            }
            return argument.isRequired ? body : "[\(body)]"
        }
        return Self.cleaned(texts.joined(separator: " "))
    }

    /// CPython removes blanks inside brackets, empty brackets, and parentheses that hold no alternative.
    private static func cleaned(_ text: String) -> String {
        let given = Array(text.unicodeScalars)
        let inner = given.indices.filter { !(given[$0] == " " && $0 > 0 && isOpening(given[$0 - 1])) }.map { given[$0] }
        let tight = inner.indices
            .filter { !(inner[$0] == " " && $0 + 1 < inner.count && isClosing(inner[$0 + 1])) }.map { inner[$0] }
        var out: [Unicode.Scalar] = []
        var at = 0
        while at < tight.count {
            if isOpening(tight[at]), let after = tight[(at + 1)...].firstIndex(where: { $0 != " " }),
                isClosing(tight[after])
            {
                at = after + 1
            } else {
                out.append(tight[at])
                at += 1
            }
        }
        return ArgText.strip(ArgText.string(withoutLoneParentheses(out)))
    }

    private static func isOpening(_ scalar: Unicode.Scalar) -> Bool { scalar == "[" || scalar == "(" }
    private static func isClosing(_ scalar: Unicode.Scalar) -> Bool { scalar == "]" || scalar == ")" }

    /// The text between an opening parenthesis and the last closing one before the next `|` loses both.
    private static func withoutLoneParentheses(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var out: [Unicode.Scalar] = []
        var rest = scalars[...]
        while let open = rest.firstIndex(of: "(") {
            out += rest[..<open]
            let limit = rest[open...].firstIndex(of: "|") ?? rest.endIndex
            if let close = rest[open..<limit].lastIndex(of: ")") {
                out += rest[(open + 1)..<close]
                rest = rest[(close + 1)...]
            } else {
                out.append("(")
                rest = rest[(open + 1)...]
            }
        }
        return out + rest
    }

    /// The pieces between which the usage may break: bracketed groups and words.
    private static func parts(_ text: String) -> [String] {
        let scalars = Array(text.unicodeScalars)
        var out: [String] = []
        var at = 0
        while at < scalars.count {
            guard !ArgText.isSpace(scalars[at]) else {
                at += 1
                continue
            }
            let end =
                bracketEnd(scalars, at) ?? scalars[at...].firstIndex(where: ArgText.isSpace) ?? scalars.count
            out.append(ArgText.string(scalars[at..<end]))
            at = end
        }
        return out
    }

    /// The first run of closing brackets after an opening one that ends a word.
    private static func bracketEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int? {
        let closing: Unicode.Scalar
        switch scalars[start] {
        case "(": closing = ")"
        case "[": closing = "]"
        default: return nil
        }
        for at in scalars.indices.dropFirst(start + 1) where scalars[at] == closing {
            if at + 1 == scalars.count || ArgText.isSpace(scalars[at + 1]) { return at + 1 }
        }
        return nil
    }
}
