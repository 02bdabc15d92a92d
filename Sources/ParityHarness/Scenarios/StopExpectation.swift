import Glibc
import PythonSemantics

/// How a scenario ends its node: the optional key `stop`.
package struct StopExpectation: Sendable, Equatable {
    package enum Signal: String, Sendable, CaseIterable {
        case terminate = "TERM"
        case interrupt = "INT"
        case kill = "KILL"
        /// The steps end the node themselves; one that is still there `within` seconds later is killed.
        case none
    }

    package var signal = Signal.terminate
    /// Seconds the node has to end; then it is killed, which is an observation and no error.
    package var within: Double = 20

    init() {}

    init(_ value: PyDict) throws {
        let fields = try ScenarioFields(value, prefix: "stop.", known: ["signal", "within"])
        if let text = try fields.text("signal") {
            guard let signal = Signal(rawValue: text) else {
                let known = Signal.allCases.map(\.rawValue).joined(separator: ", ")
                throw fields.error("signal", "is none of \(known)")
            }
            self.signal = signal
        }
        within = try fields.number("within", positive: true) ?? within
    }

    /// The signal's number; nil: none is sent.
    var number: Int32? {
        switch signal {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .kill: SIGKILL
        case .none: nil
        }
    }

    /// What a recording says of a node that had to be killed: `killed after 20 s`.
    var killedText: String {
        let whole = within == within.rounded() && within < 1e9
        return "killed after \(whole ? String(Int(within)) : String(within)) s"
    }
}
