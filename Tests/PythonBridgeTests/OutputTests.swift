import PythonSemantics
import Synchronization
import Testing

@testable import PythonBridge

extension BridgeSuites {
    @Suite struct OutputTests {
        /// `@unchecked` is not needed: the mutex is the guard.
        final class Lines: Sendable {
            private let lines = Mutex<[PythonOutput]>([])
            func add(_ line: PythonOutput) { lines.withLock { $0.append(line) } }
            var all: [PythonOutput] { lines.withLock { $0 } }
        }

        @Test func streams() async throws {
            let python = try TestPython.shared
            let lines = Lines()
            try await python.capture(.streams) { lines.add($0) }
            try await python.evaluate(
                """
                import sys, os
                print("one", 1)
                print("t", end=""); print("wo\\n\\nfour")
                sys.stdout.buffer.write("\\u00e9\\n".encode())
                print("bad", file=sys.stderr)
                print("\\ud800")
                print("rest", end="")
                same = sys.stdout.fileno() == 1
                """)
            try await python.stopCapturing()
            let expected: [PythonOutput] = [
                .standardOutput("one 1"), .standardOutput("two"), .standardOutput(""), .standardOutput("four"),
                .standardOutput("é"), .standardError("bad"), .standardOutput(PyString(codePoints: [0xD800])),
                .standardOutput("rest"),
            ]
            #expect(lines.all == expected)
            #expect(try await python.evaluate("[type(sys.stdout).__name__, same]") == ["TextIOWrapper", true])
            try await python.evaluate("print('', end='')")
            #expect(lines.all == expected)
        }

        @Test func logging() async throws {
            let python = try TestPython.shared
            let lines = Lines()
            try await python.capture(.logging) { lines.add($0) }
            try await python.evaluate(
                """
                import logging
                logging.getLogger("p2p.x").warning("lost %s of %d", "a", 3)
                logging.getLogger("p2p").debug("below the root logger's level")
                """)
            try await python.stopCapturing()
            try await python.evaluate("len(logging.getLogger().handlers)")
            #expect(
                lines.all == [.log(logger: "p2p.x", level: 30, levelName: "WARNING", text: "lost a of 3")])
        }

        @Test func threadsKeepTheirLinesWhole() async throws {
            let python = try TestPython.shared
            let lines = Lines()
            try await python.capture(.streams) { lines.add($0) }
            try await python.evaluate(
                """
                import threading
                def talk(name):
                    for i in range(50): print(f"{name}-{i}\\n", end="")
                threads = [threading.Thread(target=talk, args=(n,)) for n in "abcd"]
                for t in threads: t.start()
                for t in threads: t.join()
                """)
            try await python.stopCapturing()
            for name in "abcd" {
                let mine = lines.all.filter {
                    if case .standardOutput(let text) = $0 { text.description.hasPrefix("\(name)-") } else { false }
                }
                #expect(mine == (0..<50).map { .standardOutput(PyString("\(name)-\($0)")) })
            }
            #expect(lines.all.count == 200)
        }
    }
}
