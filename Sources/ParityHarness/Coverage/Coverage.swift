import Comparison

/// The claims of a ``CoverageFile`` against what was observed. Pure.
package struct Coverage: Sendable {
    /// What became of one claim.
    package enum Verdict: Sendable, Equatable {
        case shown(CoverageFile.StepReference)
        /// The file says that nothing shows it.
        case missing(reason: String)
        /// The step was not part of what was observed; only where parts may be missing.
        case notPlayed(CoverageFile.StepReference)
        /// The claim does not hold.
        case fails(reason: String)

        package var isShown: Bool {
            if case .shown = self { true } else { false }
        }
    }

    package struct Answer: Sendable {
        package var status: Int
        package var text: String
        package var verdict: Verdict
    }

    package struct Route: Sendable {
        package var route: CoverageRoute
        package var page: String
        package var success: Verdict
        package var named: [Answer]
        package var beyond: [Answer]
    }

    /// In the order of the file.
    package private(set) var routes: [Route] = []
    package private(set) var everywhere: [Answer] = []
    /// Claims that do not hold and routes that are missing or unknown, each with file and line.
    package private(set) var failures: [String] = []

    /// - Parameters:
    ///   - expected: the routes there must be; nil: not checked.
    ///   - runs: recordings or played runs; of a scenario that is there several times a claim must hold in all.
    ///   - partial: a step that is not there was not played, which is no failure.
    package init(
        _ file: CoverageFile, routes expected: [CoverageRoute]?, runs: [RunObservation], partial: Bool = false
    ) {
        let judge = CoverageJudge(runs: runs, partial: partial)
        func answers(_ list: [CoverageFile.NamedAnswer], _ route: CoverageRoute?, _ owner: String) -> [Answer] {
            list.map { answer in
                let verdict = judge.verdict(answer, route: route)
                note(verdict, "\(file.path):\(answer.line): \(owner): \(answer.status) \(answer.text)")
                return Answer(status: answer.status, text: answer.text.description, verdict: verdict)
            }
        }
        func note(_ verdict: Verdict, _ place: String) {
            if case .fails(let reason) = verdict { failures.append("\(place): \(reason)") }
        }
        for entry in file.routes {
            let success = judge.success(entry.success, route: entry.route)
            note(success, "\(file.path):\(entry.line): \(entry.route): success")
            routes.append(
                Route(
                    route: entry.route, page: entry.page, success: success,
                    named: answers(entry.named, entry.route, entry.route.description),
                    beyond: answers(entry.beyond, entry.route, "\(entry.route) (beyond)")))
        }
        everywhere = answers(file.everywhere, nil, "everywhere")
        guard let expected else { return }
        let known = Set(expected)
        let listed = Set(file.routes.map(\.route))
        for entry in file.routes where !known.contains(entry.route) {
            failures.append("\(file.path):\(entry.line): \(entry.route) is no route of the contract")
        }
        for route in expected where !listed.contains(route) {
            failures.append("\(file.path): \(route) is missing")
        }
    }
}

/// Looks a claim up in what was observed.
private struct CoverageJudge {
    private let partial: Bool
    /// Scenario → its runs, each step id → step.
    private var scenarios: [String: [[String: StepObservation]]] = [:]

    init(runs: [RunObservation], partial: Bool) {
        self.partial = partial
        for run in runs {
            let steps = Dictionary(run.steps.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            scenarios[run.scenario, default: []].append(steps)
        }
    }

    func success(_ evidence: CoverageFile.Evidence, route: CoverageRoute) -> Coverage.Verdict {
        verdict(evidence, route: route) { answer in
            guard let status = answer.status, 200..<400 ~= status else { return Self.said(answer) }
            return AnswerText.refuses(answer) ? "it answers \(status) but refuses" : nil
        }
    }

    /// - Parameter route: nil: any route shows it.
    func verdict(_ named: CoverageFile.NamedAnswer, route: CoverageRoute?) -> Coverage.Verdict {
        verdict(named.evidence, route: route) { answer in
            if route != nil, answer.header("X-RingRift-Proxied-By") != nil {
                return "its answer came from another node, through the proxy"
            }
            let holds =
                answer.status == named.status && AnswerText.texts(of: answer).contains(where: named.text.matches)
            return holds ? nil : Self.said(answer)
        }
    }

    /// - Parameter complaint: what is wrong with an answer, nil: nothing.
    private func verdict(
        _ evidence: CoverageFile.Evidence, route: CoverageRoute?, complaint: (AnswerObservation) -> String?
    ) -> Coverage.Verdict {
        let reference: CoverageFile.StepReference
        switch evidence {
        case .missing(let reason): return .missing(reason: reason)
        case .step(let step): reference = step
        }
        guard let runs = scenarios[reference.scenario] else {
            return partial ? .notPlayed(reference) : .fails(reason: "no recording of '\(reference.scenario)'")
        }
        for run in runs {
            guard let step = run[reference.step] else {
                return partial ? .notPlayed(reference) : .fails(reason: "no step '\(reference)'")
            }
            if let route, !route.serves(method: step.method, target: step.path) {
                return .fails(reason: "step '\(reference)' asks \(step.route)")
            }
            if let complaint = complaint(step.answer) {
                return .fails(reason: "step '\(reference)': \(complaint)")
            }
        }
        return .shown(reference)
    }

    private static func said(_ answer: AnswerObservation) -> String {
        if let error = answer.error { return "no answer (\(error))" }
        let status = answer.status.map(String.init) ?? "without a status"
        let texts = AnswerText.texts(of: answer).map { "'\($0.prefix(120))'" }.joined(separator: ", ")
        return "the answer was \(status)" + (texts.isEmpty ? "" : " \(texts)")
    }
}
