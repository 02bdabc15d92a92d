import Comparison
import PythonSemantics

/// Edits of a candidate: what was edited and the candidate with it.
typealias EditedRun = (edit: Edit, run: PreparedRun)

extension SelfTestScenario {
    func editJSON(_ random: inout SplitMix64) -> EditedRun? {
        var target = random.below(size(.json))
        for entry in json {
            guard target < entry.leaves.count else {
                target -= entry.leaves.count
                continue
            }
            guard
                let done = DocumentEdits.edit(
                    entry.document, root: ValuePath(["body"]), leaf: entry.leaves[target],
                    kinds: EditKind.allCases + [.value, .value], &random)
            else { return nil }
            return edited(
                entry.step, .json, done.kind, place: done.place, before: done.before, after: done.after,
                body: ParityText.json(done.document))
        }
        return nil
    }

    func editText(_ random: inout SplitMix64) -> EditedRun? {
        guard let entry = random.pick(text) else { return nil }
        var lines = entry.lines
        let index = random.below(lines.count)
        let kinds: [EditKind] = lines.count > 1 ? [.value, .value, .missing, .extra, .order] : [.value, .extra]
        guard let kind = random.pick(kinds) else { return nil }
        let before = lines[index]
        var after = ""
        switch kind {
        case .missing: lines.remove(at: index)
        case .extra: lines.insert(before + " more", at: index)
        case .order:
            guard let other = random.pick(lines.indices.filter { lines[$0] != before }) else { return nil }
            lines.swapAt(index, other)
            after = "swapped with line \(other)"
        default:
            lines[index] = LeafEdits.text(before, &random)
            after = lines[index]
        }
        return edited(
            entry.step, .text, kind,
            place: kind == .value ? ValuePath(["body", String(index)]) : ValuePath(["body"]),
            before: before, after: after, body: lines.joined(separator: "\n"))
    }

    /// The answer with another body; its length follows, as it would on the wire.
    private func edited(
        _ step: StepObservation, _ dimension: EditDimension, _ kind: EditKind, place: ValuePath, before: String,
        after: String, body: String
    ) -> EditedRun? {
        var answer = step.answer
        guard case .text(let old) = answer.body else { return nil }
        answer.body = .text(body)
        for index in answer.headers.indices
        where answer.headers[index].name == "Content-Length" && answer.headers[index].value == String(old.utf8.count) {
            answer.headers[index].value = String(body.utf8.count)
        }
        return finish(step, answer, dimension, kind, [place], before, after)
    }

    private func finish(
        _ step: StepObservation, _ answer: AnswerObservation, _ dimension: EditDimension, _ kind: EditKind,
        _ places: [ValuePath], _ before: String, _ after: String
    ) -> EditedRun? {
        var run = candidate
        run.set(PreparedAnswer(answer), of: step.id)
        return (
            Edit(
                dimension: dimension, kind: kind, scenario: name, unit: unit(step), places: places, before: before,
                after: after), run
        )
    }

    func editStatus(_ random: inout SplitMix64) -> EditedRun? {
        guard let step = random.pick(run.steps.filter { $0.answer.status != nil }), let old = step.answer.status
        else { return nil }
        var answer = step.answer
        let missing = random.below(5) == 0
        let next = random.pick([200, 201, 204, 302, 400, 401, 403, 404, 405, 409, 500, 503].filter { $0 != old })
        answer.status = missing ? nil : next
        return finish(
            step, answer, .status, missing ? .missing : .value, [ValuePath(["status"])], String(old),
            answer.status.map(String.init) ?? "missing")
    }

    func editHeader(_ random: inout SplitMix64) -> EditedRun? {
        guard let step = random.pick(run.steps.filter { !$0.answer.headers.isEmpty }) else { return nil }
        var answer = step.answer
        let index = random.below(answer.headers.count)
        let old = answer.headers[index]
        var place = ValuePath(["header", old.name])
        let kind = random.pick([EditKind.value, .value, .missing, .extra]) ?? .value
        var after = ""
        switch kind {
        case .missing:
            answer.headers.remove(at: index)
            after = "missing"
        case .extra:
            answer.headers.append((name: "X-Edited", value: "1"))
            place = ValuePath(["header", "X-Edited"])
            after = "X-Edited: 1"
        default:
            answer.headers[index].value = LeafEdits.text(old.value, &random)
            after = answer.headers[index].value
        }
        return finish(step, answer, .header, kind, [place], "\(old.name): \(old.value)", after)
    }
}
