import Foundation
import PythonSemantics

/// What a real legacy answered and left behind: `parity/recordings`, and the contract's data files.
package enum Recordings {
    /// One request of a recorded scenario and its answer.
    package struct Exchange: Sendable {
        package var id: String
        package var method: String
        package var target: String
        package var headers: [(name: String, value: String)]
        /// The request's body, empty without one.
        package var body: [UInt8]
        package var status: Int
        package var answer: String
    }

    /// The checkout these sources lie in.
    package static let project: String = {
        var directory = (#filePath as NSString).deletingLastPathComponent
        while directory.count > 1, !FileManager.default.fileExists(atPath: directory + "/parity/slice.yaml") {
            directory = (directory as NSString).deletingLastPathComponent
        }
        // Through a link to the sources the folder is not above them.
        return directory.count > 1 ? directory : FileManager.default.currentDirectoryPath
    }()

    /// A JSON file of `docs/contract/data`.
    package static func contractData(_ name: String) throws -> PyValue { try json("docs/contract/data/" + name) }

    /// What a run left behind: exit status, databases (schema and rows), files. `run` is `a`, `b` or `c`.
    package static func state(_ scenario: String, run: String = "a") throws -> PyValue {
        try json("parity/recordings/\(run)/\(scenario).state.json")
    }

    /// Lines of stdout and stderr.
    package static func log(_ scenario: String, run: String = "a") throws -> [String] {
        try text("parity/recordings/\(run)/\(scenario).log").split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    /// The steps that are requests.
    package static func exchanges(_ scenario: String, run: String = "a") throws -> [Exchange] {
        try text("parity/recordings/\(run)/\(scenario).jsonl").split(separator: "\n").compactMap { line in
            let step = try PyJSON.loads(PyString(String(line)))
            guard let request = step["request"], let response = step["response"], let status = response["status"]?.asInt
            else { return nil }
            var headers: [(name: String, value: String)] = []
            if let given = request["headers"]?.asDict {
                for (name, value) in given { headers.append((name.description, value.pyStr)) }
            }
            var body: [UInt8] = []
            if let raw = request["raw"]?.asString {
                body = Array(raw.description.utf8)
            } else if let value = request["body"] {
                body = try PyJSON.dumps(value)
            }
            return Exchange(
                id: step["id"]?.pyStr ?? "", method: request["method"]?.pyStr ?? "",
                target: request["path"]?.pyStr ?? "", headers: headers, body: body, status: status,
                answer: response["text"]?.pyStr ?? "")
        }
    }

    /// The statements that prepare a database of a scenario before the node starts.
    package static func seed(_ scenario: String, _ file: PyString) throws -> [String] {
        let script = try json("parity/scenarios/\(scenario).json")["files"]?[file]?["sqlite"]?.pyStr ?? ""
        return script.components(separatedBy: ";\n").filter { !$0.isEmpty }
    }

    /// The files of a scenario's tree: text, or an object with `text`, `hex`, `sqlite`, `repeat`, `mtime_age`.
    package static func seeds(_ scenario: String) throws -> PyDict {
        try json("parity/scenarios/\(scenario).json")["files"]?.asDict ?? [:]
    }

    private static func json(_ path: String) throws -> PyValue { try PyJSON.loads(PyString(text(path))) }

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: project + "/" + path)), as: UTF8.self)
    }
}

/// SQL without the freedom of layout: blanks collapsed, none next to parentheses and commas.
package func normalisedSQL(_ text: String) -> String {
    var words = text.split { $0.isWhitespace }.joined(separator: " ")
    for (from, to) in [("( ", "("), (" )", ")"), (" (", "("), (", ", ","), (" ,", ",")] {
        words = words.replacingOccurrences(of: from, with: to)
    }
    return words.replacingOccurrences(of: " IF NOT EXISTS", with: "")
}
