import PythonSemantics
import Testing

@testable import PythonBridge

extension BridgeSuites {
    @Suite(.timeLimit(.minutes(2))) struct AsyncTests {
        static let module = "ringrift_scratch"

        @Test func coroutinesAndPlainFunctions() async throws {
            let python = try TestPython.shared
            try await python.evaluate(
                """
                import asyncio, threading
                async def double(x, *, plus=0):
                    await asyncio.sleep(0)
                    return x * 2 + plus
                async def where():
                    return [threading.current_thread().name, id(asyncio.get_running_loop())]
                """)
            let value = try await python.callAsync(
                module: Self.module, function: "double", arguments: [20], keywords: ["plus": 2])
            #expect(value == 42)
            #expect(try await python.callAsync(module: "math", function: "gcd", arguments: [12, 18]) == 6)
            let first = try await python.callAsync(module: Self.module, function: "where")
            #expect(first[0] == "ringrift-asyncio")
            #expect(try await python.callAsync(module: Self.module, function: "where") == first)
        }

        @Test func manyAtOnce() async throws {
            let python = try TestPython.shared
            try await python.evaluate(
                """
                import asyncio
                waiting = 0
                everybody = None
                async def barrier(count):
                    global waiting, everybody
                    if everybody is None:
                        everybody = asyncio.Event()
                    waiting += 1
                    if waiting == count:
                        everybody.set()
                    await everybody.wait()
                    return waiting
                """)
            // Only a loop that runs all 50 at once lets any of them end.
            try await withThrowingTaskGroup(of: PyValue.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await python.callAsync(module: Self.module, function: "barrier", arguments: [50])
                    }
                }
                for try await value in group { #expect(value == 50) }
            }
        }

        @Test func errors() async throws {
            let python = try TestPython.shared
            try await python.evaluate(
                """
                async def fail(): raise KeyError("k")
                async def leave(): raise SystemExit(4)
                async def odd(): return {1: 2}
                async def fine(): return "fine"
                """)
            let key = await #expect(throws: PythonError.self) {
                try await python.callAsync(module: Self.module, function: "fail")
            }
            #expect(key?.description == "KeyError: 'k'")
            #expect(key?.traceback.contains("in fail") == true)
            let exit = await #expect(throws: PythonError.self) {
                try await python.callAsync(module: Self.module, function: "leave")
            }
            #expect(exit?.description == "SystemExit: 4")
            let odd = await #expect(throws: PythonError.self) {
                try await python.callAsync(module: Self.module, function: "odd")
            }
            #expect(odd?.type == "TypeError")
            let missing = await #expect(throws: PythonError.self) {
                try await python.callAsync(module: Self.module, function: "absent")
            }
            #expect(missing?.type == "AttributeError")
            #expect(try await python.callAsync(module: Self.module, function: "fine") == "fine")
        }

        @Test func deadlineCancelsTheTask() async throws {
            let python = try TestPython.shared
            try await python.evaluate(
                """
                import asyncio
                cancelled = []
                async def forever():
                    try:
                        await asyncio.Event().wait()
                    except asyncio.CancelledError:
                        cancelled.append(True)
                        raise
                """)
            let before = python.statistics
            await #expect(throws: PythonDeadlineExceeded.self) {
                try await python.callAsync(
                    module: Self.module, function: "forever", deadline: .now + .milliseconds(50))
            }
            while python.statistics.late == before.late { try await python.evaluate("0") }
            #expect(try await python.evaluate("cancelled") == [true])
            #expect(try await python.evaluate("import _ringrift_bridge as b; len(b._tasks)") == 0)
        }
    }
}
