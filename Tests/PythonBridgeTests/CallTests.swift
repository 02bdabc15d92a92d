import PythonSemantics
import Testing

@testable import PythonBridge

extension BridgeSuites {
    @Suite struct CallTests {
        @Test func argumentsAndKeywords() async throws {
            let python = try TestPython.shared
            let joined = try await python.call(
                module: "os.path", function: "join", arguments: ["a", "b", "c.txt"])
            #expect(joined == "a/b/c.txt")
            let text = try await python.call(
                module: "json", function: "dumps", arguments: [["b": 1, "a": [1.5, nil]]],
                keywords: ["sort_keys": true, "separators": [",", ":"]])
            #expect(text == "{\"a\":[1.5,null],\"b\":1}")
            #expect(try await python.call(module: "builtins", function: "str.upper", arguments: ["x"]) == "X")
        }

        @Test func exceptions() async throws {
            let python = try TestPython.shared
            let decode = await #expect(throws: PythonError.self) {
                try await python.call(module: "json", function: "loads", arguments: ["{"])
            }
            #expect(decode?.type == "json.decoder.JSONDecodeError")
            #expect(
                decode?.message == "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)")
            #expect(decode?.traceback.hasPrefix("Traceback (most recent call last):\n") == true)
            #expect(decode?.traceback.contains("raw_decode") == true)
            #expect(decode?.exception.module == "json.decoder")

            let missing = await #expect(throws: PythonError.self) {
                try await python.call(module: "no.such.module", function: "f")
            }
            #expect(missing?.description == "ModuleNotFoundError: No module named 'no'")
            let attribute = await #expect(throws: PythonError.self) {
                try await python.call(module: "os", function: "path.nothing")
            }
            #expect(attribute?.type == "AttributeError")
            let key = await #expect(throws: PythonError.self) { try await python.evaluate("{}['k']") }
            #expect(key?.message == "'k'")
        }

        @Test func oddExceptions() async throws {
            let python = try TestPython.shared
            let nested = await #expect(throws: PythonError.self) {
                try await python.evaluate(
                    """
                    class Outer:
                        class Broken(Exception):
                            def __str__(self): raise RuntimeError("no text")
                    try:
                        raise ValueError("\\ud800 first")
                    except ValueError as error:
                        raise Outer.Broken() from error
                    """)
            }
            #expect(nested?.type == "ringrift_scratch.Outer.Broken")
            #expect(nested?.message == "<exception str() failed>")
            #expect(nested?.traceback.contains("direct cause") == true)
            let surrogate = await #expect(throws: PythonError.self) {
                try await python.evaluate("raise ValueError('\\ud800!')")
            }
            #expect(surrogate?.text == PyString(codePoints: [0xD800, 0x21]))
            let exit = await #expect(throws: PythonError.self) {
                try await python.call(module: "sys", function: "exit", arguments: [3])
            }
            #expect(exit?.description == "SystemExit: 3")
            let coroutine = await #expect(throws: PythonError.self) {
                try await python.evaluate("(x for x in ())")
            }
            #expect(coroutine?.message.hasPrefix("object of type generator cannot") == true)
        }

        @Test func functionsOfTheHost() async throws {
            let python = try TestPython.shared
            try await python.define("swift_sum") { values in
                var total = 0
                for value in values {
                    guard let number = value.asInt else { throw PyException.typeError("not an int: \(value.pyRepr)") }
                    total += number
                }
                return ["total": .int(total), "count": .int(values.count)]
            }
            #expect(
                try await python.evaluate("import ringrift_host; ringrift_host.swift_sum(1, 2, 39)")
                    == ["total": 42, "count": 3])
            let raised = try await python.evaluate(
                """
                try:
                    ringrift_host.swift_sum(1, "x")
                except TypeError as error:
                    seen = str(error)
                try:
                    ringrift_host.swift_sum(object())
                except TypeError as error:
                    seen = [seen, str(error)[:21]]
                seen
                """)
            #expect(raised == ["not an int: 'x'", "object of type object"])
        }

        @Test func attachedWork() async throws {
            let text = try await TestPython.shared.withAttachment { token in
                let module = try token.importModule("fractions")
                let make = try token.attribute("Fraction", of: module)
                let half = try token.call(make, [3, 6])
                let render = try token.attribute("__str__", of: half)
                return try token.value(try token.call(render))
            }
            #expect(text == "1/2")
        }

        @Test func statistics() async throws {
            let python = try TestPython.shared
            let before = python.statistics
            for _ in 0..<5 { _ = try await python.evaluate("1") }
            let after = python.statistics
            #expect(after.calls == before.calls + 5)
            #expect(after.attach.count >= before.attach.count + 5)
            #expect(after.attach.p50 > .zero)
            #expect(after.attach.p50 <= after.attach.p99)
            #expect(after.attach.p99 <= after.attach.maximum)
        }
    }
}
