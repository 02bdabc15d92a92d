import Foundation
import Glibc
import PythonSemantics

/// One call of a replaced program: does what its behaviour says, in the order output, files, pause, end.
struct CommandLineStubCall {
    /// The call's words, the program first.
    let words: [String]
    /// Among the calls of this program, from 1.
    let number: Int

    /// - Returns: the exit status, unless the behaviour ends the process with a signal.
    func perform(_ behaviour: CommandLineBehaviour) throws -> Int32 {
        for number in behaviour.ignored { signal(number, SIG_IGN) }
        if let text = behaviour.output { FileHandle.standardOutput.write(Data(try filled(text).utf8)) }
        if let text = behaviour.errors { FileHandle.standardError.write(Data(try filled(text).utf8)) }
        pause(behaviour.before)
        for (path, content) in behaviour.writes { try write(content, to: path) }
        for (path, text) in behaviour.appends {
            let target = try filled(path).description
            try makeParent(of: target)
            guard CommandLinePaths.write(try filled(text).utf8, to: target, append: true) else {
                throw ParityError("\(target): \(String(cString: strerror(errno)))")
            }
        }
        pause(behaviour.sleep)
        if let number = behaviour.kill {
            Glibc.kill(getpid(), number)
            // A signal that stops or is ignored lets the process go on.
        }
        return behaviour.status
    }

    private func write(_ content: CommandLineBehaviour.Written, to path: PyString) throws {
        var target = try filled(path).description
        if target.hasPrefix("file://") { target.removeFirst("file://".count) }
        // An option that the call did not have: nothing is written.
        if target.contains("{--") { return }
        try makeParent(of: target)
        switch content {
        case .sqlite(let script):
            do {
                try SQLiteFile(path: target).run(script: filled(script).description)
            } catch let failure as SQLiteFile.Failure {
                throw ParityError("\(target): \(failure.message)")
            }
        case .bytes(let bytes): _ = CommandLinePaths.write(bytes, to: target)
        case .text(let text, let repeated):
            let once = try filled(text).utf8
            _ = CommandLinePaths.write(Array(repeatElement(once, count: repeated).joined()), to: target)
        }
    }

    private func makeParent(of path: String) throws {
        let parent = (path as NSString).deletingLastPathComponent
        if !parent.isEmpty { try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true) }
    }

    /// `{--option}` and `{n}` replaced; an option that the call does not have stays as it is.
    /// - Throws: ``ParityError`` when the option is the call's last word.
    func filled(_ text: PyString) throws -> PyString {
        guard text.contains("{") else { return text }
        return PyString(
            try text.description.replacing(#/\{(--[\w-]+|n)\}/#) { match in
                let name = String(match.1)
                if name == "n" { return String(number) }
                guard let index = words.firstIndex(of: name) else { return String(match.0) }
                guard words.indices.contains(index + 1) else { throw ParityError("nothing after \(name)") }
                return words[index + 1]
            })
    }

    private func pause(_ seconds: Double) {
        if seconds > 0 { Thread.sleep(forTimeInterval: seconds) }
    }
}
