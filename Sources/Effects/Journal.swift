import PythonSemantics
import Synchronization

/// What a node asked of the world and what it got, in order; the medium between recording and replaying effects.
package final class EffectJournal: Sendable {
    /// One question and its answer.
    package struct Entry: Sendable, Equatable {
        /// `clock.now`, `processes.run`, …
        package var kind: String
        package var input: PyValue
        package var output: PyValue
    }

    /// A replay asked for something that was not recorded, or not in that order.
    package struct Mismatch: Error, CustomStringConvertible {
        package var kind: String
        package var input: PyValue
        package var description: String { "no recorded answer left for \(kind) \(input.pyRepr)" }
    }

    private struct State {
        var entries: [Entry]
        /// Positions not yet handed out, per kind and input text.
        var waiting: [String: [Int]]
        var mismatches: [Mismatch] = []
    }

    private let state: Mutex<State>

    package init(entries: [Entry] = []) {
        var waiting: [String: [Int]] = [:]
        for (index, entry) in entries.enumerated().reversed() {
            waiting[Self.key(entry.kind, entry.input), default: []].append(index)
        }
        state = Mutex(State(entries: entries, waiting: waiting))
    }

    package var entries: [Entry] { state.withLock { $0.entries } }
    /// What a replay asked for in vain.
    package var mismatches: [Mismatch] { state.withLock { $0.mismatches } }

    package func append(_ kind: String, _ input: PyValue, _ output: PyValue) {
        state.withLock { $0.entries.append(Entry(kind: kind, input: input, output: output)) }
    }

    /// The next recorded answer to this question (matched by kind, input and order); nil is noted as a mismatch.
    package func next(_ kind: String, _ input: PyValue) -> PyValue? {
        state.withLock { state in
            guard let index = state.waiting[Self.key(kind, input)]?.popLast() else {
                state.mismatches.append(Mismatch(kind: kind, input: input))
                return nil
            }
            return state.entries[index].output
        }
    }

    private static func key(_ kind: String, _ input: PyValue) -> String { kind + "\u{0}" + input.pyRepr }
}
