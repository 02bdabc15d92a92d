import Comparison
import Foundation
import Glibc
import PythonSemantics

/// Does the actions of one command while it runs, each when its moment has come.
struct CommandLineDirector {
    let player: CommandLinePlayer
    let process: CommandLineProcess
    /// Of the command.
    let index: Int
    let started: ContinuousClock.Instant
    /// When the command's time is up.
    let end: ContinuousClock.Instant

    /// - Returns: what the recording says about the action.
    func perform(_ action: CommandLineAction) throws -> PyValue {
        while !isDue(action.trigger) {
            if process.poll() != nil || ContinuousClock.now >= end {
                // Its last words may have brought the moment.
                if isDue(action.trigger) { break }
                return "not reached"
            }
            player.pause(0.02)
        }
        player.pause(action.sleep)
        switch action.effect {
        case .signal(let name, let number, let receiver): return send(name, number, to: receiver)
        case .http(let request): return answer(to: request)
        case .snapshot(let paths): return .dict(try snapshot(paths))
        case .change(let proc, let files):
            for (name, text) in proc { try CommandLineMounts.change(proc: name, text.utf8) }
            for file in files { try file.write(pids: player.pids) }
            return "done"
        }
    }

    private func isDue(_ trigger: CommandLineAction.Trigger) -> Bool {
        switch trigger {
        case .output(let text, let count): return Self.occurrences(of: text, in: player.said("out", index)) >= count
        case .errors(let text, let count): return Self.occurrences(of: text, in: player.said("err", index)) >= count
        case .spawned(let text, let count):
            return CommandLineCall.all().count { text.isEmpty || $0.stub.contains(text) } >= count
        case .file(let path): return FileManager.default.fileExists(atPath: CommandLineFile.absolute(path))
        case .time(let seconds): return ContinuousClock.now - started >= .seconds(seconds)
        }
    }

    /// How often a text occurs, without overlaps.
    static func occurrences(of part: String, in text: String) -> Int {
        let part = Data(part.utf8)
        let text = Data(text.utf8)
        guard !part.isEmpty else { return text.count + 1 }
        var count = 0
        var from = text.startIndex
        while let hit = text.range(of: part, in: from..<text.endIndex) {
            count += 1
            from = hit.upperBound
        }
        return count
    }

    /// Errors are said by the names Python gives them.
    private func send(_ name: String, _ number: Int32, to receiver: CommandLineAction.Receiver) -> PyValue {
        let target: pid_t
        switch receiver {
        case .process: target = process.pid
        case .group: target = -process.pid
        case .file(let path):
            let full = CommandLineFile.absolute(path)
            guard FileManager.default.fileExists(atPath: full) else { return "FileNotFoundError" }
            guard let bytes = CommandLinePaths.read(full) else { return "IsADirectoryError" }
            guard let pid = pid_t(PyString(String(decoding: bytes, as: UTF8.self)).strip().description) else {
                return "ValueError"
            }
            target = pid
        }
        // Not a process that has been waited for: its number may belong to another one by now.
        if case .process = receiver, process.hasEnded { return "ProcessLookupError" }
        if kill(target, number) == 0 { return PyValue(name + " sent") }
        switch errno {
        case ESRCH: return "ProcessLookupError"
        case EPERM: return "PermissionError"
        default: return "OSError"
        }
    }

    private func answer(to request: CommandLineAction.Request) -> PyValue {
        var body: [UInt8]?
        if let text = request.body {
            let points = Array(text.codePoints)
            guard points.allSatisfy({ $0 < 256 }) else {
                return ["request": PyValue(request.path), "error": "UnicodeEncodeError"]
            }
            body = points.map { UInt8(truncatingIfNeeded: $0) }
        }
        let client = HTTPStepClient(port: request.port, timeout: request.timeout)
        let answer = client.request(
            method: request.method, path: request.path, headers: request.headers, body: body)
        if let error = answer.error {
            return ["request": PyValue(request.path), "error": PyValue(String(error.prefix { $0 != ":" }))]
        }
        var fields: PyDict = [
            "request": PyValue("\(request.method) \(request.path)"), "status": .int(answer.status ?? 0),
            "headers": .dict(
                PyDict(
                    answer.headers.filter { $0.name != "Date" && $0.name != "Server" }.map {
                        (PyString($0.name), PyValue($0.value))
                    })),
        ]
        let text: String
        switch answer.body {
        case .text(let body): text = body
        case .hex(let digits): text = String(decoding: Hex.decode(digits) ?? [], as: UTF8.self)
        case .none: text = ""
        }
        if let value = ParityText.parse(text) {
            fields["json"] = value
        } else {
            fields["text"] = .list(PyString(text).split("\n").map(PyValue.string))
        }
        return .dict(fields)
    }

    private func snapshot(_ paths: [PyString]) throws -> PyDict {
        var contents = PyDict()
        for path in paths {
            let there = FileManager.default.fileExists(atPath: CommandLineFile.absolute(path.description))
            contents[path] =
                there ? try CommandLineContent.read(path.description, text: player.text) : PyValue.none
        }
        return contents
    }
}
