import Comparison
import PythonSemantics

extension SelfTestScenario {
    func editState(_ dimension: EditDimension, _ random: inout SplitMix64) -> EditedRun? {
        guard var documents = candidate.documents else { return nil }
        let isDatabase = dimension == .database
        guard let leaf = random.pick(isDatabase ? databases : files) else { return nil }
        // The order of files means nothing, and none of a database's own keys is edited away.
        let kinds: [EditKind] = leaf.count > 1 ? EditKind.allCases + [.value] : [.value, .missing]
        guard
            let done = DocumentEdits.edit(
                .dict(isDatabase ? documents.databases : documents.files),
                root: ValuePath([isDatabase ? "db" : "file"]), leaf: leaf, kinds: kinds,
                fixed: random.below(8) == 0 ? 0 : 1, &random),
            done.kind != .order || done.place.segments.count > 1, case .dict(let next) = done.document
        else { return nil }
        if isDatabase { documents.databases = next } else { documents.files = next }
        var run = candidate
        run.set(documents: documents)
        return (
            Edit(
                dimension: dimension, kind: done.kind, scenario: name, unit: .state, places: [done.place],
                before: done.before, after: done.after), run
        )
    }

    func editExit(_ random: inout SplitMix64) -> EditedRun? {
        guard var state = run.state else { return nil }
        let old = state.exit
        let type = random.below(3) == 0
        guard
            let next = type
                ? LeafEdits.type(old, &random)
                : random.pick([1, 2, -9, -15, 137].filter { PyValue.int($0) != old }).map(PyValue.int)
        else { return nil }
        state.exit = next
        return end(state, .exit, type ? .type : .value, "exit", DocumentEdits.short(old), DocumentEdits.short(next))
    }

    func editStop(_ random: inout SplitMix64) -> EditedRun? {
        guard var state = run.state, let old = state.stopSeconds else { return nil }
        let kind: EditKind = random.below(4) == 0 ? .missing : .value
        let added = Double(random.below(600)) / 10
        state.stopSeconds = kind == .missing ? nil : random.pick([old * 10 + 4, old + 4 + added, 0, -old])
        return end(state, .stop, kind, "stop_s", "\(old)", state.stopSeconds.map { "\($0)" } ?? "missing")
    }

    private func end(
        _ state: StateObservation, _ dimension: EditDimension, _ kind: EditKind, _ place: String, _ before: String,
        _ after: String
    ) -> EditedRun? {
        var run = candidate
        run.set(end: state)
        return (
            Edit(
                dimension: dimension, kind: kind, scenario: name, unit: .end, places: [ValuePath([place])],
                before: before, after: after), run
        )
    }
}
