import Comparison
import Foundation

/// `--list`: the scenarios with their steps and what they are expected to take.
enum ScenarioList {
    static func text(_ options: ParityOptions) throws -> String {
        let scenarios = try ParityInputs.scenarios(options)
        let recordings = RecordingSet(directory: try ParityInputs.folders(options).recordings)
        var lines = ["scenario                         steps  seconds  about"]
        var total = (steps: 0, seconds: 0.0)
        for scenario in scenarios {
            let recorded = try recordings.references(of: scenario.name).map(\.answering).max()
            let seconds = scenario.estimate(recorded: recorded)
            lines.append(row(scenario.name, scenario.requestCount, seconds, scenario.about))
            total = (total.steps + scenario.requestCount, total.seconds + seconds)
        }
        lines.append(row("\(scenarios.count) scenarios", total.steps, total.seconds, "one after the other"))
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ name: String, _ steps: Int, _ seconds: Double, _ about: String) -> String {
        func right(_ number: Int, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: " ", count: max(0, width - text.count)) + text
        }
        let left = "\(TerminalReport.fit(name, 32)) \(right(steps, 5))  \(right(Int(seconds.rounded(.up)), 7))  "
        return left + (about.count > 80 - left.count ? TerminalReport.fit(about, 80 - left.count) : about)
    }
}
