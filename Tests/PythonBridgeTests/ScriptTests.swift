import Foundation
import Testing

@testable import PythonBridge

extension BridgeSuites {
    /// `runScript` against the interpreter itself: same status, same standard output, same standard error.
    @Suite struct ScriptTests {
        struct Example: Codable, Sendable, CustomTestStringConvertible {
            let name: String
            let source: String
            var arguments: [String] = []
            var environment: [String: String] = [:]
            var testDescription: String { name }
        }

        static let examples = [
            Example(
                name: "arguments",
                source: """
                    import sys, os, threading
                    print(sys.argv, __name__, __file__, sys.path[0], sys.orig_argv[1:], sys.flags.safe_path)
                    print(sys.executable, sys.prefix, threading.current_thread() is threading.main_thread())
                    print(sys.getswitchinterval(), sys.stdout.encoding, sys.stdout.errors, sys.stdout.line_buffering)
                    """, arguments: ["--x", "-c", "é", "a b", ""]),
            Example(name: "status", source: "import sys; sys.exit(3)"),
            Example(name: "text", source: "import sys; print('out'); sys.exit('some reason')"),
            Example(name: "none", source: "raise SystemExit"),
            Example(name: "large status", source: "import sys; sys.exit(1000)"),
            Example(name: "uncaught", source: "def f():\n    raise ValueError('x')\n\nf()\n"),
            Example(name: "syntax", source: "def f(:\n"),
            Example(
                name: "end",
                source: """
                    import atexit, threading, logging, sys
                    class Noisy:
                        def __del__(self): print("deleted", flush=True)
                    noisy = Noisy()
                    atexit.register(lambda: print("exit function"))
                    released = threading.Event()
                    def later():
                        released.wait()
                        print("thread ends")
                    threading.Thread(target=later).start()
                    print("unflushed", end="")
                    sys.stderr.write("stderr without newline")
                    released.set()
                    """),
            Example(
                name: "signals",
                source: """
                    import os, signal
                    print(signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGPIPE))
                    try:
                        signal.raise_signal(signal.SIGINT)
                    except KeyboardInterrupt:
                        print("interrupted")
                    signal.signal(signal.SIGTERM, lambda number, frame: print("term", number))
                    signal.raise_signal(signal.SIGTERM)
                    """),
            Example(name: "interrupt", source: "import signal; print(1); signal.raise_signal(signal.SIGINT)"),
            Example(
                name: "unbuffered", source: "import sys, os; sys.stdout.write('kept?'); os._exit(5)",
                environment: ["PYTHONUNBUFFERED": "1"]),
            Example(name: "buffered", source: "import sys, os; sys.stdout.write('kept?'); os._exit(5)"),
            Example(
                name: "asyncio",
                source: """
                    import asyncio, signal
                    async def main():
                        done = asyncio.Event()
                        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, done.set)
                        signal.raise_signal(signal.SIGTERM)
                        await done.wait()
                        print("stopped")
                    asyncio.run(main())
                    """),
        ]

        @Test(arguments: examples) func likePython(_ example: Example) async throws {
            let directory = NSTemporaryDirectory() + "script-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let path = directory + "/script.py"
            try example.source.write(toFile: path, atomically: true, encoding: .utf8)
            let python = TestPython.venvPython ?? "/usr/bin/python3"
            let expected = try run(python, [path] + example.arguments, environment: example.environment)

            let condition: ExitTest.Condition =
                expected.signalled ? .signal(expected.status) : .exitCode(expected.status)
            await #expect(processExitsWith: condition) {
                [python = python as String, path = path as String, example = example as Example] in
                // Files, because Swift Testing writes marks of its own to the streams it observes.
                for (descriptor, name) in [(STDIN_FILENO, "/dev/null"), (1, path + ".out"), (2, path + ".err")] {
                    let file = open(name, O_RDWR | O_CREAT, 0o600)
                    guard file >= 0, dup2(file, descriptor) == descriptor else { exit(99) }
                }
                for (name, value) in example.environment { setenv(name, value, 1) }
                let status = try unblockingSignals {
                    try PythonInterpreter.runScript(
                        path, arguments: example.arguments, configuration: PythonConfiguration(executable: python))
                }
                exit(status)
            }
            #expect(try String(contentsOfFile: path + ".out", encoding: .utf8) == expected.output)
            #expect(try String(contentsOfFile: path + ".err", encoding: .utf8) == expected.error)
        }
    }
}
