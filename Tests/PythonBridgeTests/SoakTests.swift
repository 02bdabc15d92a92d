import PythonSemantics
import Testing

@testable import PythonBridge

extension BridgeSuites {
    /// 64 tasks × 10,000 calls with RINGRIFT_SOAK=1, × 200 otherwise: no deadlock, no leak.
    @Suite(.timeLimit(.minutes(30))) struct SoakTests {
        @Test func callsNeitherDeadlockNorLeak() async throws {
            let python = try TestPython.shared
            try await python.evaluate(
                """
                import gc, sys
                kept = {"name": "k" * 100, "items": [1.5, None, {"deep": "\\u00e9"}]}
                class Boom(Exception): pass
                def echo(value, index):
                    if index % 16 == 0: raise Boom(index)
                    return [value, kept]
                async def echo_async(value, index): return echo(value, index)
                def census():
                    gc.collect()
                    return [len(gc.get_objects()), sys.getrefcount(kept), sys.getrefcount(echo), sys.getrefcount(Boom)]
                """)
            let calls = TestPython.soak ? 10_000 : 200
            try await round(python, calls: 50)  // caches, threads and arenas reach their size
            let before = try await census(python)
            let memory = try TestPython.residentBytes()
            try await round(python, calls: calls)
            let after = try await census(python)
            let grown = try TestPython.residentBytes() - memory
            for index in 1..<before.count { #expect(after[index] == before[index], "reference count \(index)") }
            #expect(after[0] - before[0] < 100, "objects: \(before[0]) → \(after[0])")
            #expect(grown < 24 << 20, "resident memory grew by \(grown >> 10) KiB")
            #expect(python.statistics.queued == 0)
        }

        private func census(_ python: PythonInterpreter) async throws -> [Int] {
            let values = try await python.call(module: "ringrift_scratch", function: "census")
            return (values.asList ?? []).compactMap(\.asInt)
        }

        private func round(_ python: PythonInterpreter, calls: Int) async throws {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for task in 0..<64 {
                    group.addTask {
                        let value: PyValue = ["task": .int(task), "text": "päyload", "list": [1, 2.5, nil, true]]
                        var raised = 0
                        for index in 0..<calls {
                            do {
                                let answer =
                                    index % 10 == 9
                                    ? try await python.callAsync(
                                        module: "ringrift_scratch", function: "echo_async",
                                        arguments: [value, .int(index)])
                                    : try await python.call(
                                        module: "ringrift_scratch", function: "echo", arguments: [value, .int(index)])
                                guard answer[0] == value else { throw PyException.valueError("answer \(answer)") }
                            } catch let error as PythonError {
                                guard error.name == "Boom" else { throw error }
                                raised += 1
                            }
                        }
                        return raised
                    }
                }
                for try await raised in group { #expect(raised == (calls + 15) / 16) }
            }
        }
    }
}
