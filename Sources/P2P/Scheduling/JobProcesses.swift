import Effects
import Foundation
import P2PModel
import PythonSemantics

/// The processes behind jobs: looking for them, signalling them, cleaning up after them.
package struct JobProcesses: Sendable {
    private let effects: Effects

    package init(effects: Effects) { self.effects = effects }

    /// What finds self-play that nobody tracks (contract 06 section 4.9).
    package static let sweepPatterns = [
        "run_self_play_soak.py", "run_gpu_selfplay.py", "run_hybrid_selfplay.py", "run_random_selfplay.py",
    ]

    /// `os.kill(value, number)`.
    ///
    /// - Throws: `TypeError` and `OverflowError` for what is no process id, else what the system says.
    package func signal(_ value: PyValue, _ number: Int32) throws(PyException) {
        try effects.processes.signal(try Self.processID(value), number)
    }

    static func processID(_ value: PyValue) throws(PyException) -> Int32 {
        let number: Int
        switch value {
        case .int(let given): number = given
        case .bool(let flag): number = flag ? 1 : 0
        case .bigInt: throw .overflowError("Python int too large to convert to C long")
        default: throw .typeError("'\(value.typeName)' object cannot be interpreted as an integer")
        }
        if number > Int(Int32.max) { throw .overflowError("signed integer is greater than maximum") }
        if number < Int(Int32.min) { throw .overflowError("signed integer is less than minimum") }
        return Int32(number)
    }

    /// `pgrep -f` for each pattern, until one of them fails.
    package func find(_ patterns: [String] = sweepPatterns) async -> Set<Int32> {
        effects.processes.collect()
        var pids: Set<Int32> = []
        for pattern in patterns {
            switch await effects.processes.run(ProcessRequest(["pgrep", "-f", pattern], timeout: 5)) {
            case .exited(0, let output, _): pids.formUnion(Self.numbers(output))
            case .exited: break
            case .notStarted, .timedOut: return pids
            }
        }
        return pids
    }

    private static func numbers(_ output: String) -> [Int32] {
        output.split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
    }

    /// SIGKILL to all whose command line matches, as `pkill -9 -f` does.
    ///
    /// Security repair D134: text that is no name of a kind of job is looked for as text, and neither this node nor
    /// what it descends from is hit.
    /// - Returns: whether one was.
    /// - Throws: `TypeError` for what is no string, what `subprocess.run` raises.
    package func killMatching(_ value: PyValue, isKnown: Bool) async throws(PyException) -> Bool {
        effects.processes.collect()
        guard case .string(let text) = value else {
            throw .typeError("expected str, bytes or os.PathLike object, not \(value.typeName)")
        }
        let plain = try text.fileSystemText()
        let pattern = isKnown ? plain : Self.escaped(plain)
        let own = Set(effects.processes.ownProcesses())
        let look = await effects.processes.run(ProcessRequest(["pgrep", "-f", "--", pattern], timeout: 5))
        let found = if case .exited(0, let output, _) = look { Self.numbers(output) } else { [Int32]() }
        if found.contains(where: own.contains) {
            var isHit = false
            for pid in found where !own.contains(pid) {
                do throws(PyException) {
                    try effects.processes.signal(pid, SIGKILL)
                    isHit = true
                } catch {}
            }
            return isHit
        }
        let arguments = ["pkill", "-9", "-f"] + (isKnown ? [] : ["--"]) + [pattern]
        switch await effects.processes.run(ProcessRequest(arguments, timeout: 5)) {
        case .exited(let status, _, _): return status == 0
        case .notStarted(let reason): throw PyException(type: "FileNotFoundError", message: reason)
        case .timedOut: throw Self.timeout(arguments, seconds: 5)
        }
    }

    /// The text with what an extended regular expression reads as more than itself made plain.
    static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if "\\^$.|?*+()[]{}".contains(character) { result.append("\\") }
            result.append(character)
        }
    }

    /// `subprocess.TimeoutExpired`.
    package static func timeout(_ arguments: [String], seconds: Int) -> PyException {
        let list = PyValue.list(arguments.map { .string(PyString($0)) }).pyRepr
        return PyException(
            type: "TimeoutExpired", message: "Command '\(list)' timed out after \(seconds) seconds",
            module: "subprocess")
    }
}
