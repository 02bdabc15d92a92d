/// How long a scenario takes, for the order of play and for the time limit.
extension Scenario {
    /// Seconds that pass by the file alone: settling, pauses, the wait before the stop.
    package var waiting: Double {
        settle + after + steps.reduce(0) { $0 + $1.sleep }
    }

    /// Requests.
    package var requestCount: Int { steps.count { $0.method != nil } }

    /// Seconds one play is expected to take.
    /// - Parameter recorded: start-up and answers of an earlier play in seconds; nil: unknown.
    package func estimate(recorded: Double?) -> Double {
        waiting + (recorded ?? 4 + 0.05 * Double(requestCount))
    }

    /// Seconds after which a play is given up: generous, because a busy machine is no failure; a node that answers
    /// nothing any more is found all the same.
    package var limit: Double {
        90 + waiting + stop.within + 60 + 2 * Double(requestCount)
    }

    /// Where a play stands, by the last line the sandbox said.
    func place(said: String?) -> String {
        guard let said else { return "before the node was started" }
        if said == "starting" { return "while the node started" }
        if said == "up" { return "while the node settled (before step 1 of \(requestCount))" }
        guard said.hasPrefix("step "), let slash = said.firstIndex(of: "/"),
            let number = Int(said[said.index(said.startIndex, offsetBy: 5)..<slash]), steps.indices.contains(number - 1)
        else { return "while the node was stopped" }
        let step = steps[number - 1]
        return "at step \(number) of \(steps.count) (\(step.id): \(step.route))"
    }
}
