import Comparison
import Foundation

extension SelfTestScenario {
    func editLog(_ random: inout SplitMix64, settings: ComparisonSettings) -> EditedRun? {
        guard let log = run.log, let line = random.pick(lines) else { return nil }
        var all = log.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard all.indices.contains(line.number) else { return nil }
        let old = all[line.number]
        var after = ""
        var places = [ValuePath(["log", line.content.template])]
        guard let kind = random.pick([EditKind.value, .value, .missing, .extra, .order]) else { return nil }
        switch kind {
        case .missing:
            all.remove(at: line.number)
            after = "missing"
        case .extra:
            let new = random.below(2) == 0 ? old : Self.strange(&random)
            all.insert(new, at: line.number + 1)
            places.append(contentsOf: Self.places(new))
            after = "more: \(new)"
        case .order:
            guard let other = random.pick(sameTask(as: line)) else { return nil }
            let (first, second) = (min(line.number, other.number), max(line.number, other.number))
            // The line itself moves past the other one; what stands between keeps its order.
            let moved = all.remove(at: line.number)
            all.insert(moved, at: line.number == first ? second : first)
            places.append(ValuePath(["log", other.content.template]))
            after = "moved past: \(other.text)"
        default:
            let new = LeafEdits.text(old, &random)
            all[line.number] = new
            places.append(contentsOf: Self.places(new))
            after = new
        }
        var run = candidate
        run.set(log: all.joined(separator: "\n"), settings: settings)
        return (
            Edit(
                dimension: .log, kind: kind, scenario: name, unit: .log, places: places, before: old, after: after),
            run
        )
    }

    private static func places(_ line: String) -> [ValuePath] {
        LogLine.lines(of: line).map { ValuePath(["log", $0.content.template]) }
    }

    private static func strange(_ random: inout SplitMix64) -> String {
        random.pick([
            "[P2P] Something the legacy never says", "2026-11-22 14:22:19,287 - ERROR - Edited",
            "Traceback (most recent call last):", "KeyError: 'edited'",
        ]) ?? "edited"
    }

    /// Lines that the same task of the node prints, of another text.
    private func sameTask(as line: LogLine) -> [LogLine] {
        guard let observed = candidate.log, observed.count == lines.count,
            let index = lines.firstIndex(where: { $0.number == line.number }), let task = observed[index].task
        else { return [] }
        return lines.indices.filter {
            observed[$0].task == task && observed[$0].template != observed[index].template
        }.map { lines[$0] }
    }

    func editSpawned(_ random: inout SplitMix64) -> EditedRun? {
        guard !run.spawned.isEmpty else { return nil }
        var all = run.spawned
        let index = random.below(all.count)
        let old = all[index]
        let names = old.environment.keys.filter { !ObservedLine.isOwn($0) }.sorted()
        var kind = random.pick([EditKind.value, .value, .missing, .extra, .order]) ?? .value
        let whole = kind != .value && random.below(3) == 0
        switch (kind, whole) {
        case (.missing, true): all.remove(at: index)
        case (.extra, true): all.insert(old, at: index)
        case (.order, true):
            let others = all.indices.filter { all[$0] != old }
            guard let other = random.pick(others) else { return nil }
            all.insert(all.remove(at: index), at: other)
        case (.missing, false):
            if random.below(4) == 0, let name = random.pick(names) {
                all[index].environment[name] = nil
            } else {
                all[index].argv.remove(at: random.below(old.argv.count))
            }
        case (.extra, false):
            if random.below(4) == 0 {
                all[index].environment["RINGRIFT_EDITED"] = "1"
            } else {
                all[index].argv.insert("--edited", at: random.below(old.argv.count + 1))
            }
        case (.order, false):
            let place = random.below(old.argv.count)
            guard let other = random.pick(old.argv.indices.filter { old.argv[$0] != old.argv[place] }) else {
                return nil
            }
            all[index].argv.swapAt(place, other)
        default:
            kind = .value
            let name = random.pick(names)
            switch (random.below(6), name) {
            case (0, _): all[index].cwd = LeafEdits.text(old.cwd, &random)
            case (1, let name?):
                all[index].environment[name] = LeafEdits.text(old.environment[name] ?? "", &random)
            default:
                let word = random.below(old.argv.count)
                all[index].argv[word] = LeafEdits.text(old.argv[word], &random)
            }
        }
        let before = ObservedLine.lines([old])
        let after = whole ? [] : ObservedLine.lines([all[index]])
        var run = candidate
        run.set(spawned: ObservedLine.lines(all))
        return (
            Edit(
                dimension: .spawned, kind: kind, scenario: name, unit: .spawned,
                places: (before + after).map { ValuePath(["spawned", $0.template]) }, before: before[0].text,
                after: after.first?.text ?? (kind == .order ? "moved" : kind == .extra ? "twice" : "missing")), run
        )
    }
}
