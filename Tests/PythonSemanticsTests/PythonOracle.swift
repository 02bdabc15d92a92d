import Foundation

/// A `python3` subprocess that answers a batch of questions, one a line, so that tests can compare with CPython itself.
enum PythonOracle {
    static let interpreter = "/usr/bin/python3"

    /// True when the interpreter is there and is 3.11, whose texts are the contract.
    static let isAvailable: Bool = {
        guard FileManager.default.isExecutableFile(atPath: interpreter) else { return false }
        let version = try? run(script: "import sys; sys.stdout.write('%d.%d' % sys.version_info[:2])", input: "")
        return version == "3.11"
    }()

    struct Failure: Error { let text: String }

    /// Sends `questions` (fields separated by blanks, texts as hex) to `answer(fields)` of the script; one line each.
    static func ask(_ script: String, _ questions: [[String]]) throws -> [String] {
        let input = questions.map { $0.joined(separator: " ") + "\n" }.joined()
        let output = try run(script: prelude + script + loop, input: input)
        let answers = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        guard answers.count == questions.count else {
            throw Failure(text: "\(questions.count) questions, \(answers.count) answers: \(output.suffix(500))")
        }
        return answers
    }

    private static func run(script: String, input: String) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "oracle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "questions")
        try Data(input.utf8).write(to: file)
        let process = Process()
        process.executableURL = URL(filePath: interpreter)
        process.arguments = ["-I", "-c", script]
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(text: "exit \(process.terminationStatus)") }
        return String(decoding: data, as: UTF8.self)
    }

    private static let prelude = """
        import json, sys
        def text(field): return bytes.fromhex(field[1:]).decode('utf-8', 'surrogatepass')
        def hexed(s): return 'x' + s.encode('utf-8', 'surrogatepass').hex()
        def failed(e):
            m = type(e).__module__
            return 'err ' + hexed(('' if m == 'builtins' else m + '.') + type(e).__name__ + ': ' + str(e))

        """

    private static let loop = """

        for line in sys.stdin:
            try: print(answer(line.split()))
            except Exception as e: print(failed(e))
        """
}

/// Bytes as the oracle reads them: `x` and hexadecimal digits.
func hex(_ bytes: some Sequence<UInt8>) -> String {
    var text = "x"
    for byte in bytes { text += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
    return text
}

func unhex(_ field: some StringProtocol) -> [UInt8] {
    let digits = Array(field.utf8.dropFirst())
    return stride(from: 0, to: digits.count - 1, by: 2).map { index in
        UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) ?? 0
    }
}
