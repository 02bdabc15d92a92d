import Comparison

/// Edits recordings at random places and asks the comparison to name each edit.
struct SelfTest {
    let seed: UInt64
    let scenarios: [SelfTestScenario]
    let settings: ComparisonSettings
    let rules: [Rule]
    /// Scenarios of which there are no two references and a candidate of the same steps.
    var leftOut: [String] = []

    /// Differences of the unedited candidates: there must be none, or no edit could be judged.
    func baseline() -> [Difference] {
        scenarios.flatMap { scenario in
            var comparison = RunComparison(rules: RuleBook(rules), settings: settings)
            return scenario.references.units.flatMap { unit in
                comparison.check(unit, scenario.candidate, scenario.references)?.result.differences ?? []
            }
        }
    }

    /// One edit and what came of it. Where a place cannot be edited in the way that was drawn, another one is drawn.
    func outcome(_ number: Int) -> EditOutcome? {
        var random = SplitMix64(seed: seed, stream: number)
        for _ in 0..<200 {
            guard let (edit, run) = make(&random),
                let scenario = scenarios.first(where: { $0.name == edit.scenario })
            else { continue }
            return judge(number, edit, run, scenario)
        }
        return nil
    }

    private func make(_ random: inout SplitMix64) -> EditedRun? {
        let present = EditDimension.allCases.filter { dimension in scenarios.contains { $0.size(dimension) > 0 } }
        guard let dimension = Self.draw(present, \.weight, &random),
            let scenario = Self.draw(scenarios, { $0.size(dimension) }, &random)
        else { return nil }
        switch dimension {
        case .json: return scenario.editJSON(&random)
        case .text: return scenario.editText(&random)
        case .status: return scenario.editStatus(&random)
        case .header: return scenario.editHeader(&random)
        case .database, .file: return scenario.editState(dimension, &random)
        case .log: return scenario.editLog(&random, settings: settings)
        case .spawned: return scenario.editSpawned(&random)
        case .exit: return scenario.editExit(&random)
        case .stop: return scenario.editStop(&random)
        }
    }

    private static func draw<T>(_ items: [T], _ weight: (T) -> Int, _ random: inout SplitMix64) -> T? {
        var left = random.below(items.reduce(0) { $0 + weight($1) })
        for item in items {
            left -= weight(item)
            if left < 0 { return item }
        }
        return nil
    }

    private func judge(
        _ number: Int, _ edit: Edit, _ run: PreparedRun, _ scenario: SelfTestScenario
    ) -> EditOutcome {
        var comparison = RunComparison(rules: RuleBook(rules), settings: settings)
        guard let checked = comparison.check(edit.unit, run, scenario.references, keepsTrace: true) else {
            return EditOutcome(number: number, edit: edit, found: nil, hiddenBy: nil)
        }
        let found = checked.result.differences.first { difference in
            edit.places.contains { Self.related($0, difference.path) }
        }
        if found != nil { return EditOutcome(number: number, edit: edit, found: found) }
        let hidden = checked.trace.last { entry in edit.places.contains { Self.related($0, entry.path) } }
        let elsewhere = checked.result.differences.first.map { "reported elsewhere, at \($0.path)" }
        let reason = elsewhere ?? hidden?.reason ?? restored(edit, scenario)
        return EditOutcome(number: number, edit: edit, found: nil, hiddenBy: reason)
    }

    /// An edit may give back what the references have: then what hid the unedited recording's difference hides it.
    private func restored(_ edit: Edit, _ scenario: SelfTestScenario) -> String? {
        var comparison = RunComparison(rules: RuleBook(rules), settings: settings)
        let unedited = comparison.check(edit.unit, scenario.candidate, scenario.references, keepsTrace: true)
        let hidden = unedited?.trace.last { entry in edit.places.contains { Self.related($0, entry.path) } }
        return hidden.map { "\($0.reason) in the unedited recording" }
    }

    /// At, above or below: one path begins with the other.
    private static func related(_ left: ValuePath, _ right: ValuePath) -> Bool {
        let shared = min(left.segments.count, right.segments.count)
        return shared > 0 && left.segments.prefix(shared) == right.segments.prefix(shared)
    }
}
