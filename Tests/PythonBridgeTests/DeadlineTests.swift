import PythonSemantics
import Testing

@testable import PythonBridge

extension BridgeSuites {
    @Suite(.timeLimit(.minutes(2))) struct DeadlineTests {
        /// A call that ends only after its caller has given up.
        static let gate = """
            import threading
            gate = threading.Event()
            def wait_for_gate():
                gate.wait()
                return "late"
            """

        @Test func pastDeadlineThrowsAndLateAnswerIsCounted() async throws {
            let python = try TestPython.shared
            try await python.evaluate(Self.gate)
            let before = python.statistics
            await #expect(throws: PythonDeadlineExceeded(call: "ringrift_scratch.wait_for_gate")) {
                try await python.call(
                    module: "ringrift_scratch", function: "wait_for_gate", deadline: .now + .milliseconds(20))
            }
            #expect(python.statistics.abandoned == before.abandoned + 1)
            #expect(python.statistics.late == before.late)
            try await python.evaluate("gate.set()")
            while python.statistics.late == before.late { try await python.evaluate("0") }
            #expect(python.statistics.late == before.late + 1)
        }

        @Test func deadlineBeforeTheCall() async throws {
            let python = try TestPython.shared
            let before = python.statistics
            await #expect(throws: PythonDeadlineExceeded.self) {
                try await python.call(module: "time", function: "time", deadline: .now)
            }
            await #expect(throws: PythonDeadlineExceeded.self) {
                try await python.callAsync(module: "time", function: "time", deadline: .now)
            }
            #expect(python.statistics.calls == before.calls)
            #expect(python.statistics.skipped == before.skipped + 2)
        }

        @Test func deadlineThatHolds() async throws {
            let python = try TestPython.shared
            let value = try await python.call(
                module: "builtins", function: "len", arguments: [[1, 2]], deadline: .now + .seconds(60))
            #expect(value == 2)
        }

        @Test func callsBehindABlockedPoolAreSkipped() async throws {
            let python = try TestPython.shared
            try await python.evaluate(Self.gate)
            let before = python.statistics
            // Four blocked calls occupy the four threads of the pool; the fifth never reaches Python.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        _ = try await python.call(module: "ringrift_scratch", function: "wait_for_gate")
                    }
                }
                while python.statistics.calls < before.calls + 4 { await Task.yield() }
                await #expect(throws: PythonDeadlineExceeded.self) {
                    try await python.call(
                        module: "builtins", function: "print", arguments: ["never"],
                        deadline: .now + .milliseconds(20))
                }
                try await python.evaluate("gate.set()", on: .mainThread)
                try await group.waitForAll()
            }
            while python.statistics.queued > 0 { try await python.evaluate("0") }
            #expect(python.statistics.skipped == before.skipped + 1)
            #expect(python.statistics.late == before.late)
        }

        @Test func interruptEndsPythonCode() async throws {
            let python = try TestPython.shared
            try await python.evaluate(
                """
                ended = []
                def spin():
                    try:
                        while True:
                            pass
                    except BaseException as error:
                        ended.append(type(error).__name__)
                        raise
                """)
            await #expect(throws: PythonDeadlineExceeded.self) {
                try await python.call(
                    module: "ringrift_scratch", function: "spin", deadline: .now + .milliseconds(20), late: .interrupt)
            }
            while try await python.evaluate("ended") == [] {}
            #expect(try await python.evaluate("ended") == ["TimeoutError"])
            // The thread that was interrupted is fit for work again.
            for _ in 0..<40 { #expect(try await python.evaluate("sum(range(1000))") == 499_500) }
        }

        @Test func cancellation() async throws {
            let python = try TestPython.shared
            try await python.evaluate(Self.gate)
            let before = python.statistics
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do {
                        _ = try await python.call(module: "ringrift_scratch", function: "wait_for_gate")
                        return false
                    } catch { return error is CancellationError }
                }
                while python.statistics.calls == before.calls { await Task.yield() }
                group.cancelAll()
                for await cancelled in group { #expect(cancelled) }
            }
            try await python.evaluate("gate.set()")
            while python.statistics.late == before.late { try await python.evaluate("0") }
        }
    }
}
