import PythonSemantics

/// A run with everything read once that comparing it needs.
package struct PreparedRun: Sendable {
    package let scenario: String
    private let steps: [StepObservation]
    package private(set) var answers: [String: PreparedAnswer] = [:]
    package private(set) var state: StateObservation?
    package private(set) var documents: StateDocuments?
    package private(set) var log: [ObservedLine]?
    package private(set) var spawned: [ObservedLine] = []
    var clock: RunClock?
    var identities = IdentityValues()

    package init(_ run: RunObservation, selection: RunSelection, settings: ComparisonSettings) {
        scenario = run.scenario
        steps = run.steps
        for step in run.steps where selection.steps?.contains(step.id) ?? true {
            set(PreparedAnswer(step.answer), of: step.id)
        }
        if selection.spawned { set(spawned: ObservedLine.lines(run.spawned)) }
        set(state: run.state, selection: selection.state)
        readDisk()
        if let text = run.log { set(log: text, compared: selection.log != .off, settings: settings) }
    }

    /// Seconds that the node took longer to start than in any of these runs; 0 where that is not known.
    func delay(beyond others: [PreparedRun]) -> Double {
        let theirs = others.compactMap { $0.state?.startupSeconds }
        guard let own = state?.startupSeconds, let most = theirs.max(), theirs.count == others.count else { return 0 }
        return max(0, own - most)
    }

    /// The middle one of all shares of the disk that the run shows.
    private(set) var diskShare: Double?

    private mutating func readDisk() {
        let all = identities.shares.values.joined().sorted()
        diskShare = all.isEmpty ? nil : all[all.count / 2]
    }

    package mutating func set(_ answer: PreparedAnswer, of step: String) {
        answers[step] = answer
        identities.clear(step)
        if answer.isPage { return }
        identities.read(step, ValuePath(["body"]), answer.document ?? .list(ParityText.lines(answer.text)))
    }

    package mutating func set(state: StateObservation?, selection: StateSelection?) {
        self.state = state
        guard let state, let selection else { return }
        set(documents: StateDocuments(state, selection))
    }

    /// Exit status and time to stop alone.
    package mutating func set(end state: StateObservation) { self.state = state }

    package mutating func set(documents: StateDocuments) {
        self.documents = documents
        identities.clear("state")
        identities.read("state", ValuePath(["db"]), .dict(documents.databases))
        identities.read("state", ValuePath(["file"]), .dict(documents.files))
    }

    /// - Parameter compared: false: only the clock is read.
    package mutating func set(log text: String, compared: Bool = true, settings: ComparisonSettings) {
        let lines = LogLine.lines(of: text)
        clock = RunClock(steps: steps, lines: lines)
        if !compared { return }
        var observed = ObservedLine.lines(lines, templates: settings.logTemplates)
        for (index, line) in lines.enumerated() where observed[index].task == ObservedLine.accessLog {
            guard let step = clock?.requests[line.number], let answer = answers[step] else {
                observed[index].loosenSize()
                continue
            }
            observed[index].duration = answer.answer.milliseconds / 1000
            let head = line.text.utf8.contains(UInt8(ascii: "\"")) && line.text.contains("\"HEAD ")
            observed[index].takeBody(of: answer.answer, head: head)
        }
        log = observed
        identities.read("log", lines: observed)
    }

    package mutating func set(spawned lines: [ObservedLine]) {
        spawned = lines
        identities.read("spawned", lines: lines)
    }

    /// The moment of a step, with how long its answer took.
    func moment(_ clock: RunClock, of step: String?) -> RunMoment {
        var moment = clock.moment(of: step)
        if let step, let answer = answers[step]?.answer, answer.error == nil {
            moment.answering = answer.milliseconds / 1000
        }
        return moment
    }

    func has(_ unit: PreparedReferences.Unit) -> Bool {
        switch unit {
        case .step, .spawned: return true
        case .end: return state != nil
        case .state: return documents != nil
        case .log: return log != nil
        }
    }
}

/// The references of a scenario, read once.
package struct PreparedReferences: Sendable {
    package enum Unit: Sendable, Hashable {
        case step(id: String, route: String)
        case end, state, log, spawned

        /// As in ``LeafPlace``.
        package var name: String {
            switch self {
            case .step(let id, _): return id
            case .end: return "end"
            case .state: return "state"
            case .log: return "log"
            case .spawned: return "spawned"
            }
        }
    }

    let runs: [PreparedRun]
    package let units: [Unit]
    let clocks: [RunClock]
    let remarks: [String]
    let links: IdentityLinks
    let selection: RunSelection
    package var count: Int { runs.count }
    /// As the references say it, nil where one does not.
    package var stopSeconds: [Double?] { runs.map { $0.state?.stopSeconds } }

    package init(_ references: [RunObservation], selection: RunSelection, settings: ComparisonSettings) {
        self.selection = selection
        // A recording of other steps is one of another version of the scenario.
        let usual = Self.usualOutline(references)
        let fitting = references.filter { $0.exitedEarly != nil || $0.outline == usual }
        remarks =
            fitting.count == references.count
            ? [] : ["\(references.count - fitting.count) references were recorded from other steps and are left out"]
        let runs = fitting.map { PreparedRun($0, selection: selection, settings: settings) }
        self.runs = runs
        clocks = runs.compactMap(\.clock)
        links = IdentityLinks(runs.map(\.identities))
        var units: [Unit] = []
        for step in fitting.first?.steps ?? [] where selection.steps?.contains(step.id) ?? true {
            units.append(.step(id: step.id, route: step.route))
        }
        if runs.allSatisfy({ $0.state != nil }) {
            units.append(.end)
            if selection.state != nil { units.append(.state) }
        }
        if selection.log != .off, runs.allSatisfy({ $0.log != nil }) { units.append(.log) }
        if selection.spawned { units.append(.spawned) }
        self.units = units
    }

    /// The steps that most of these recordings were made from.
    package static func usualOutline(_ runs: [RunObservation]) -> [String] {
        let outlines = runs.map(\.outline)
        let counts = outlines.reduce(into: [[String]: Int]()) { $0[$1, default: 0] += 1 }
        let most = counts.values.max() ?? 0
        return outlines.first { counts[$0] == most } ?? []
    }

    func compare(_ unit: Unit, _ run: PreparedRun, _ comparer: inout Comparer, _ settings: ComparisonSettings) {
        switch unit {
        case .step(let id, let route):
            if let mine = run.answers[id] {
                let present = runs.indices.filter { runs[$0].answers[id] != nil }
                if present.count < runs.count { comparer.origins = present }
                comparer.compare(
                    answer: mine, references: present.compactMap { runs[$0].answers[id] },
                    page: settings.page(of: route), headers: settings.headers)
            } else {
                comparer.missing("step", expected: "an answer", got: "the node had ended")
            }
        case .end:
            guard let state = run.state else { return }
            let others = clocks.map { $0.end - $0.start }
            if let own = run.clock.map({ $0.end - $0.start }), let most = others.max(), own > most + 10 {
                comparer.remarks.append(
                    "the run took \(Plausibility.short(own - most)) s longer than any reference: what loops do in the"
                        + " background may have happened more often")
            }
            comparer.compare(exit: state, references: runs.compactMap(\.state))
            // On a virtual clock the real seconds to the end say nothing.
            if settings.exactTimes { return }
            comparer.compare(stop: state, references: runs.compactMap(\.state))
        case .state:
            guard let documents = run.documents else { return }
            let theirs = runs.compactMap(\.documents)
            comparer.documents = theirs.flatMap { [.dict($0.databases), .dict($0.files)] }
            comparer.compare(state: documents, references: theirs)
        case .log:
            guard let log = run.log else { return }
            comparer.compare(
                log: log, references: runs.compactMap(\.log), mode: selection.log, required: selection.requiredLog,
                templates: settings.logTemplates)
        case .spawned:
            comparer.compare("spawned", lines: run.spawned, references: runs.map(\.spawned))
        }
    }
}
