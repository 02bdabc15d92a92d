import PythonSemantics
import Testing

@testable import PythonBridge

extension BridgeSuites {
    /// `PythonSemantics` against the interpreter in this process: JSON text both ways, errors and repr.
    @Suite struct JSONDifferentialTests {
        private static let helpers = """
            import json
            def dumped(value): return [json.dumps(value), repr(value), str(value), bool(value)]
            def loaded(text):
                try: return ["value", json.loads(text)]
                except Exception as error: return ["error", type(error).__name__, str(error)]
            """

        private static let seed: UInt64 = 20_261_122
        private static var cases: Int { TestPython.soak ? 20_000 : 500 }

        @Test func textAndReprOfGeneratedValues() async throws {
            let python = try TestPython.shared
            try await python.evaluate(Self.helpers)
            var generator = ValueGenerator(seed: Self.seed)
            for _ in 0..<Self.cases {
                let (value, literal) = generator.next(depth: 4)
                let theirs = try await python.call(
                    module: "ringrift_scratch", function: "dumped", arguments: [value])
                let ours: PyValue = [
                    .string(try PyJSON.dumpsText(value)), .string(PyString(value.pyRepr)), .string(value.pyString),
                    .bool(value.isTruthy),
                ]
                #expect(ours == theirs, "seed \(Self.seed): \(literal)")
            }
        }

        /// Valid documents, and the same ones cut short or with one character replaced.
        @Test func readingWholeAndBrokenText() async throws {
            let python = try TestPython.shared
            try await python.evaluate(Self.helpers)
            var generator = ValueGenerator(seed: Self.seed + 1)
            let replacements = Array("{}[]\",:0-1eEnNtI\\u \u{1}é".unicodeScalars).map(\.value)
            for round in 0..<Self.cases {
                let (value, _) = generator.next(depth: 3)
                var points = Array(try PyJSON.dumpsText(value).codePoints)
                switch round % 3 {
                case 1: points.removeLast(points.count * (round % 7) / 7)
                case 2: points[round % points.count] = replacements[round % replacements.count]
                default: break
                }
                let text = PyString(codePoints: points)
                let theirs = try await python.call(
                    module: "ringrift_scratch", function: "loaded", arguments: [.string(text)])
                #expect(Self.loaded(text).isIdentical(to: theirs), "seed \(Self.seed + 1), round \(round): \(text)")
            }
        }

        private static func loaded(_ text: PyString) -> PyValue {
            do throws(PyException) {
                return ["value", try PyJSON.loads(text)]
            } catch {
                return ["error", .string(PyString(error.type)), .string(PyString(error.message))]
            }
        }
    }
}
