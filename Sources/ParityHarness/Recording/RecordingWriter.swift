import Comparison
import Foundation
import PythonSemantics

/// Writes a run in the recorder's format, a line at a time, so that what was seen is there when the node dies.
final class RecordingWriter {
    private let handle: FileHandle

    init(path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw ParityError("\(path): cannot be written") }
        self.handle = handle
    }

    func write(_ value: PyValue) throws {
        var line = try PyJSON.dumps(value)
        line.append(UInt8(ascii: "\n"))
        try handle.write(contentsOf: line)
    }

    func close() {
        try? handle.close()
    }

    static func response(_ answer: AnswerObservation) -> PyValue {
        var fields = PyDict()
        if let error = answer.error {
            fields["error"] = .string(error)
        } else {
            fields["status"] = answer.status.map { .int($0) } ?? PyValue.none
            var headers = PyDict()
            for (name, value) in answer.headers where name != "Date" && name != "Server" {
                headers[PyString(name)] = .string(value)
            }
            fields["headers"] = .dict(headers)
            switch answer.body {
            case .text(let text): fields["text"] = .string(text)
            case .hex(let text): fields["hex"] = .string(text)
            case .none: fields["text"] = ""
            }
        }
        fields["ms"] = .float((answer.milliseconds * 10).rounded() / 10)
        return .dict(fields)
    }
}
