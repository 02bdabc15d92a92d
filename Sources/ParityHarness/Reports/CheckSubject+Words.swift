import Comparison

/// What is compared, as the columns of a report name it.
package enum ReportDimension: String, Sendable, CaseIterable {
    case answers, state, log, programs, exit
}

extension CheckResult.Subject {
    package var dimension: ReportDimension {
        switch self {
        case .step: return .answers
        case .end: return .exit
        case .state: return .state
        case .log: return .log
        case .spawned: return .programs
        }
    }

    /// Number of a step and what it is about: `("004", "GET /status (after the vote)")`.
    package var words: (name: String, what: String) {
        switch self {
        case .step(let id, let route):
            let parts = id.split(separator: " ", maxSplits: 1).map(String.init)
            return (parts.first ?? id, parts.count > 1 ? "\(route) (\(parts[1]))" : route)
        case .end: return ("", "exit status")
        case .state: return ("", "state on disk")
        case .log: return ("", "log templates")
        case .spawned: return ("", "started programs")
        }
    }

    /// `step 004 …` or the word JSON reports use.
    package var key: String {
        switch self {
        case .step(let id, _): return "step \(id)"
        case .end: return "exit"
        case .state: return "state"
        case .log: return "log"
        case .spawned: return "spawned"
        }
    }

    package var route: String? {
        if case .step(_, let route) = self { return route }
        return nil
    }

    /// - Parameter key: as ``key`` writes it for what is no step.
    init?(key: String) {
        switch key {
        case "exit": self = .end
        case "state": self = .state
        case "log": self = .log
        case "spawned": self = .spawned
        default: return nil
        }
    }
}
