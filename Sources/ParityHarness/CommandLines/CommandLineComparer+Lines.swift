import Comparison
import PythonSemantics

extension CommandLineComparer {
    /// Whether a text is what the references allow: pieces on which they agree are strict, of the others the kind.
    /// Durations are never strict.
    static func isSameText(_ own: PyString, _ references: [PyString]) -> Bool {
        let first = references[0]
        if own == first, references.allSatisfy({ $0 == first }) { return true }
        let theirs = references.map(CommandLineToken.all)
        let kinds = theirs[0].map(\.kind)
        guard theirs.allSatisfy({ $0.map(\.kind) == kinds }) else {
            // The references have no common shape: then theirs is no more binding than a template would be.
            let masks = references.map(CommandLineToken.mask)
            return masks.contains { $0 != masks[0] } || CommandLineToken.mask(own) == masks[0]
        }
        let mine = CommandLineToken.all(in: own)
        guard mine.map(\.kind) == kinds else { return false }
        return mine.indices.allSatisfy { index in
            let wanted = theirs[0][index]
            return mine[index].text == wanted.text || wanted.kind == .secs
                || theirs.contains { $0[index].text != wanted.text }
        }
    }

    /// Lines of an output or a text file.
    /// - Parameter part: what rules call it.
    mutating func lines(_ path: [String], _ part: String, _ own: [PyString], _ references: [[PyString]]) {
        var own = kept(own, part)
        var references = references.map { kept($0, part) }
        for pattern in unordered.filter({ $0.part == part }).compactMap(\.pattern) {
            bag(path, own.filter(pattern.found), references.map { $0.filter(pattern.found) })
            own.removeAll(where: pattern.found)
            for index in references.indices { references[index].removeAll(where: pattern.found) }
        }
        if part == "metrics" {
            own = own.map(CommandLineMetrics.withoutMachine)
            references = references.map { $0.map(CommandLineMetrics.withoutMachine) }
        }
        if references.allSatisfy({ $0 == own }) {
            tally.exact += own.count
            return
        }
        let templates = references.map { $0.map(CommandLineToken.mask) }
        let free = unordered.contains { $0.part == part && $0.pattern == nil }
        guard !free, templates.allSatisfy({ $0 == templates[0] }) else { return bag(path, own, references) }
        ordered(path, own, references, templates[0])
    }

    private mutating func kept(_ lines: [PyString], _ part: String) -> [PyString] {
        let kept = lines.filter { !drops($0, from: part) }
        tally.ignored += lines.count - kept.count
        return kept
    }

    /// Lines whose order and number are the same in all references.
    private mutating func ordered(
        _ path: [String], _ own: [PyString], _ references: [[PyString]], _ templates: [PyString]
    ) {
        let wanted = references[0]
        for index in wanted.indices {
            if references.allSatisfy({ $0[index] == wanted[index] }) { tally.exact += 1 } else { tally.loosened += 1 }
        }
        if own.count == wanted.count {
            let wrong = own.indices.filter { index in !Self.isSameText(own[index], references.map { $0[index] }) }
            if wrong.count <= 12 {
                for index in wrong {
                    report(
                        path + ["line \(index + 1)"], .text, references: references.map { .string($0[index]) },
                        candidate: .string(own[index]), expected: wanted[index].description,
                        got: own[index].description)
                }
                return
            }
        }
        report(
            path, own.count == wanted.count ? .text : .length, expected: "\(wanted.count) lines", got: "\(own.count)")
        let changes = own.map(CommandLineToken.mask).difference(from: templates)
        for change in changes.prefix(40) {
            switch change {
            case .remove(let offset, _, _):
                report(
                    path + ["line \(offset + 1)"], .missing, expected: wanted[offset].description, got: "nothing")
            case .insert(let offset, _, _):
                report(
                    path + ["line \(offset + 1)"], .extra, candidate: .string(own[offset]), expected: "nothing",
                    got: own[offset].description)
            }
        }
    }

    /// Lines whose order or number varies in the legacy itself: those that every reference has equally often must
    /// come as often, of the others those of each template.
    private mutating func bag(_ path: [String], _ own: [PyString], _ references: [[PyString]]) {
        let mine = Self.counted(own)
        let theirs = references.map(Self.counted)
        let fixed = theirs[0].filter { line, count in theirs.allSatisfy { $0[line] == count } }
        for (line, count) in fixed.sorted(by: { $0.key < $1.key }) {
            tally.exact += count
            if mine[line] != count {
                report(path, .value, expected: "\(count) × \(line)", got: "\(mine[line] ?? 0) ×")
            }
        }
        func templates(_ lines: [PyString]) -> [PyString: Int] {
            Self.counted(lines.filter { fixed[$0] == nil }.map(CommandLineToken.mask))
        }
        let ownTemplates = templates(own)
        let wanted = references.map(templates)
        let fixedTemplates = Set(fixed.keys.map(CommandLineToken.mask))
        tally.loosened += wanted[0].values.reduce(0, +)
        for template in wanted.reduce(into: Set(ownTemplates.keys), { $0.formUnion($1.keys) }).sorted() {
            let counts = wanted.map { $0[template] ?? 0 }
            let got = ownTemplates[template] ?? 0
            if counts[0] > 0 {
                if counts.allSatisfy({ $0 == counts[0] }), got != counts[0] {
                    report(path, .value, expected: "\(counts[0]) × like \(template)", got: "\(got) ×")
                }
            } else if counts.allSatisfy({ $0 == 0 }), !fixedTemplates.contains(template) {
                report(path, .extra, expected: "nothing", got: "a line like \(template)")
            }
        }
    }

    private static func counted(_ lines: [PyString]) -> [PyString: Int] {
        lines.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}

/// Lines of `/metrics` about the interpreter and the process, of which only the name is compared.
enum CommandLineMetrics {
    static func withoutMachine(_ line: PyString) -> PyString {
        let text = line.description
        guard let match = text.prefixMatch(of: #/(?:# (?:HELP|TYPE) )?(?:python|process)_\w+/#) else { return line }
        return PyString(match.output)
    }
}
