import Foundation
import PythonSemantics
import Testing

@testable import PythonBridge

extension BridgeSuites {
    @Suite struct StartTests {
        @Test func pinsInterpreterAndVersion() async throws {
            let python = try TestPython.shared
            let seen = try await python.evaluate(
                """
                import subprocess, sys, threading
                child = subprocess.run([sys.executable, "-c", "import sys; print(sys.version.split()[0])"],
                                       capture_output=True, text=True).stdout.strip()
                {"argv": sys.argv, "child": child, "path0": sys.path[0], "interval": sys.getswitchinterval(),
                 "version": sys.version.split()[0], "prefix": sys.prefix}
                """)
            #expect(seen["argv"] == ["bridge-tests", "-x"])
            #expect(seen["child"] == .string(python.version))
            #expect(seen["version"] == .string(python.version))
            #expect(seen["path0"] == .string(TestPython.pathEntry))
            #expect(seen["interval"] == 0.0005)
            #expect(seen["prefix"] == "/usr")
        }

        @Test func environmentOverridesArriveBeforePython() async throws {
            let seen = try await TestPython.shared.evaluate(
                "import os, sys; [os.environ.get('RINGRIFT_TEST_OVERRIDE'), sys.dont_write_bytecode]")
            #expect(seen == ["set", true])
        }

        @Test func mainThreadIsPythonsMainThread() async throws {
            let python = try TestPython.shared
            let code = "import threading; threading.current_thread() is threading.main_thread()"
            #expect(try await python.evaluate(code, on: .mainThread) == true)
            #expect(try await python.evaluate(code) == false)
            // signal.signal raises ValueError anywhere but on the main thread.
            let setting = "import signal; signal.signal(signal.SIGUSR2, signal.SIG_DFL) is not None"
            #expect(try await python.evaluate(setting, on: .mainThread) == true)
            await #expect(throws: PythonError.self) { try await python.evaluate(setting) }
        }

        @Test func leavesSignalsAlone() async {
            await #expect(processExitsWith: .exitCode(7)) {
                func handler(_ signal: Int32) -> Int {
                    var action = sigaction()
                    sigaction(signal, nil, &action)
                    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                }
                for signal in [SIGINT, SIGTERM, SIGPIPE] { Glibc.signal(signal, SIG_DFL) }
                let python = try PythonInterpreter.start(PythonConfiguration())
                let seen = try await python.evaluate(
                    "import signal; signal.getsignal(signal.SIGINT) is signal.default_int_handler")
                let untouched = handler(SIGINT) == 0 && handler(SIGTERM) == 0
                exit(untouched && handler(SIGPIPE) == 1 && seen == false ? 7 : 1)  // SIG_DFL is 0, SIG_IGN 1
            }
        }

        @Test func secondStartIsRefused() throws {
            _ = try TestPython.shared
            #expect(throws: PythonStartError.alreadyStarted) {
                try PythonInterpreter.start(PythonConfiguration())
            }
            #expect(throws: PythonStartError.alreadyStarted) {
                try PythonInterpreter.runScript("/dev/null", arguments: [])
            }
            #expect("\(PythonStartError.alreadyStarted)".contains("can start only once"))
        }

        @Test func racingStarts() async {
            await #expect(processExitsWith: .exitCode(7)) {
                let wins = await withTaskGroup(of: String.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            do throws(PythonStartError) {
                                _ = try PythonInterpreter.start(PythonConfiguration())
                                return "won"
                            } catch {
                                return "\(error == .alreadyStarted)"
                            }
                        }
                    }
                    return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
                }
                let value = try await PythonInterpreter.current?.evaluate("1 + 1")
                exit(wins == ["won": 1, "true": 7] && value == 2 ? 7 : 1)
            }
        }

        @Test func faultyInterpretersAreNamedAndLeaveAStartPossible() async {
            await #expect(processExitsWith: .exitCode(7)) {
                let fake = NSTemporaryDirectory() + "fake-venv-\(ProcessInfo.processInfo.processIdentifier)"
                try FileManager.default.createDirectory(atPath: fake + "/bin", withIntermediateDirectories: true)
                let python = fake + "/bin/python"
                try "#!/bin/sh\necho 3.9.1\n".write(toFile: python, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python)
                let library = try CPythonLibrary.load().version
                func problem(_ executable: String) -> PythonStartError? {
                    do throws(PythonStartError) {
                        _ = try PythonInterpreter.start(PythonConfiguration(executable: executable))
                        return nil
                    } catch { return error }
                }
                let wrong = problem(python) == .versionMismatch(path: python, version: "3.9.1", library: library)
                try "home = /nowhere\nversion = 3.9.1\n".write(
                    toFile: fake + "/pyvenv.cfg", atomically: true, encoding: .utf8)
                let homeless = "\(problem(python).map { "\($0)" } ?? "")".contains("names home /nowhere")
                let absent = "\(problem("/no/python").map { "\($0)" } ?? "")".contains("no such executable file")
                let dead = "\(problem("/bin/false").map { "\($0)" } ?? "")".contains("does not run")
                try FileManager.default.removeItem(atPath: fake)
                let value = try await PythonInterpreter.start(PythonConfiguration()).evaluate("6 * 7")
                exit(wrong && homeless && absent && dead && value == 42 ? 7 : 1)
            }
        }

        @Test(.enabled(if: TestPython.venvPython != nil, "no /opt/venv and no RINGRIFT_TEST_VENV"))
        func virtualEnvironment() async throws {
            let expected = try run(try #require(TestPython.venvPython), ["-c", Self.describe])
            let result = await #expect(
                processExitsWith: .exitCode(7), observing: [\.standardOutputContent]
            ) {
                let python = try PythonInterpreter.start(
                    PythonConfiguration(executable: TestPython.venvPython, isolated: false))
                try await python.evaluate(Self.describe)
                try await python.flushOutput()
                exit(7)
            }
            let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
            #expect(expected.status == 0)
            #expect(output.contains(expected.output))
        }

        @Test func isolatedIgnoresThePythonVariables() async {
            await #expect(processExitsWith: .exitCode(7)) {
                let python = try PythonInterpreter.start(
                    PythonConfiguration(environment: ["PYTHONPATH": "/from-variable"], isolated: true))
                let seen = try await python.evaluate(
                    "import sys; ['/from-variable' in sys.path, sys.flags.isolated, sys.flags.no_user_site]")
                exit(seen == [false, 1, 1] ? 7 : 1)
            }
        }

        /// What a venv changes, and what its packages need: extension modules find libpython's symbols.
        static let describe = """
            import sys, site, _decimal, _ctypes, _ssl
            print(sys.executable, sys.prefix, sys.base_prefix, sys.exec_prefix, site.ENABLE_USER_SITE)
            print([p for p in sys.path if p])
            try:
                import yaml; print(yaml.__version__)
            except ImportError as error:
                print(error)
            """
    }
}
