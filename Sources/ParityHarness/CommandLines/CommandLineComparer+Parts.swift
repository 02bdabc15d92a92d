import Comparison
import PythonSemantics

extension CommandLineComparer {
    /// What came of the actions of a command.
    /// - Parameter exitIgnored: then it may have ended before a signal, and what came of that says nothing.
    mutating func actions(_ own: [PyValue], _ references: [[PyValue]], exitIgnored: Bool) {
        guard let count = references.map(\.count).min() else { return }
        if own.count < count { report(["actions"], .length, expected: "\(count)", got: "\(own.count)") }
        for index in 0..<min(count, own.count) {
            let theirs = references.map { $0[index] }
            let path = ["action \(index + 1)"]
            if exitIgnored, theirs[0].asString != nil {
                tally.ignored += 1
                continue
            }
            body(path, own[index], theirs, part: Self.isMetrics(theirs[0]) ? "metrics" : "text")
        }
    }

    private static func isMetrics(_ action: PyValue) -> Bool {
        action["request"]?.asString?.contains("metrics") == true
    }

    /// An object whose `text` is a list of lines on every side has them compared as lines, and the rest as values.
    private mutating func body(_ path: [String], _ own: PyValue, _ references: [PyValue], part: String) {
        let everyone = [own] + references
        let texts = everyone.compactMap { $0.asDict?["text"]?.asList?.compactMap(\.asString) }
        guard let mine = texts.first, texts.count == everyone.count else { return value(path, own, references) }
        lines(path, part, mine, Array(texts.dropFirst()))
        let rests = everyone.map { side -> PyValue in
            var fields = side.asDict ?? [:]
            fields["text"] = nil
            return .dict(fields)
        }
        value(path, rests[0], Array(rests.dropFirst()))
    }

    /// Calls of replaced programs, in order unless the legacy's own order is chance.
    mutating func spawned(_ own: [PyValue], _ references: [[PyValue]]) {
        let own = arranged(own)
        let references = references.map(arranged)
        guard let count = references.first?.count, references.allSatisfy({ $0.count == count }) else {
            tally.loosened += 1
            return
        }
        guard own.count == count else {
            tally.exact += 1
            let wanted = references[0]
            let index = zip(wanted, own).enumerated().first { $0.element.0["argv"] != $0.element.1["argv"] }?.offset
            let place = index ?? min(count, own.count)
            return report(
                ["call \(place + 1)"], .length,
                expected: "\(count) calls; here \(place < count ? Self.shown(wanted[place]["argv"]) : "none")",
                got: "\(own.count) calls; here \(place < own.count ? Self.shown(own[place]["argv"]) : "none")")
        }
        for index in 0..<count { value(["call \(index + 1)"], own[index], references.map { $0[index] }) }
    }

    /// Calls without those that are not compared; those without an order sorted, behind the others.
    private func arranged(_ calls: [PyValue]) -> [PyValue] {
        let calls = calls.filter { !drops(Self.words($0), from: "spawned") }
        let rules = unordered.filter { $0.part == "spawned" }
        if rules.contains(where: { $0.pattern == nil }) { return sorted(calls) }
        let isFree: (PyValue) -> Bool = { call in
            rules.contains { $0.pattern?.found(in: Self.words(call)) == true }
        }
        return calls.filter { !isFree($0) } + sorted(calls.filter(isFree))
    }

    private static func words(_ call: PyValue) -> PyString {
        PyString.join((call["argv"]?.asList ?? []).map(\.pyString), separator: " ")
    }

    private func sorted(_ calls: [PyValue]) -> [PyValue] {
        let keyed = calls.map { call -> (mask: PyString, text: PyString, call: PyValue) in
            let text = PyString(ParityText.json(call["argv"] ?? .none))
            return (CommandLineToken.mask(text), text, call)
        }
        // Calls with equal words stay in their order.
        return keyed.enumerated().sorted { left, right in
            (left.element.mask, left.element.text, left.offset) < (right.element.mask, right.element.text, right.offset)
        }.map(\.element.call)
    }

    /// Files that were made, changed or deleted, and new directories.
    mutating func files(_ own: CommandLineRecording.Files, _ references: [CommandLineRecording.Files]) {
        contents("created", own.created, references.map(\.created))
        contents("changed", own.changed, references.map(\.changed))
        paths("deleted", own.deleted, references.map(\.deleted))
        paths("directories", own.directories, references.map(\.directories))
    }

    private mutating func contents(_ part: String, _ own: PyDict, _ references: [PyDict]) {
        tally.ignored += references[0].keys.count { drops($0, from: "files") }
        let (own, references) = (named(own, "files"), references.map { named($0, "files") })
        for name in references[0].keys.sorted() {
            let theirs = references.compactMap { $0[name] }
            guard theirs.count == references.count else { continue }
            let path = [part, name.description]
            if let mine = own[name] {
                body(path, mine, theirs, part: "text")
            } else {
                tally.exact += 1
                report(path, .missing, expected: "\(part) by the legacy", got: "not \(part)")
            }
        }
        for name in own.keys.sorted() where references.allSatisfy({ $0[name] == nil }) {
            report([part, name.description], .extra, expected: "not \(part)", got: Self.shown(own[name]))
        }
    }

    private mutating func paths(_ part: String, _ own: [PyString], _ references: [[PyString]]) {
        func names(_ paths: [PyString]) -> Set<PyString> {
            Set(named(PyDict(paths.map { ($0, PyValue.none) }), "files").keys)
        }
        let mine = names(own)
        let theirs = references.map(names)
        let common = theirs.dropFirst().reduce(theirs[0]) { $0.intersection($1) }
        tally.exact += common.count
        for name in common.subtracting(mine).sorted() {
            report([part, name.description], .missing, expected: name.description, got: "nothing")
        }
        for name in theirs.reduce(mine, { $0.subtracting($1) }).sorted() {
            report([part, name.description], .extra, expected: "nothing", got: name.description)
        }
    }
}
