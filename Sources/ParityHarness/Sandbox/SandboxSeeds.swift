import Foundation
import Glibc
import PythonSemantics

/// Puts the files, stubs and `/proc` values of a scenario in place, inside the sandbox.
enum SandboxSeeds {
    /// - Parameter now: unix seconds the seeds are made at; nil: the machine's time.
    static func write(_ seeds: [SeedFile], tree: String, now: Double? = nil) throws {
        for seed in seeds {
            let path = normalized(tree + "/" + seed.path)
            try SandboxMounts.makeDirectory((path as NSString).deletingLastPathComponent)
            switch seed.content {
            case .text(let text, let count):
                try write(Array(Array(repeating: Array(text.utf8), count: count).joined()), path)
            case .bytes(let bytes): try write(bytes, path)
            case .symlink(let target):
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
                continue
            case .directory: try SandboxMounts.makeDirectory(path)
            case .sqlite(let script):
                do {
                    try SQLiteFile(path: path).run(script: at(now, script.description))
                } catch let failure as SQLiteFile.Failure {
                    throw ParityError("file '\(seed.path)': \(failure.message)")
                }
            }
            if let mode = seed.mode { chmod(path, mode_t(mode)) }
            if let age = seed.age ?? now.map({ _ in 0 }) {
                let moment = (now ?? Date().timeIntervalSince1970) - age
                let time = timespec(
                    tv_sec: Int(moment.rounded(.down)), tv_nsec: Int((moment - moment.rounded(.down)) * 1e9))
                utimensat(AT_FDCWD, path, [time, time], 0)
            }
        }
    }

    /// SQLite asks the machine for `'now'`: where time is virtual the script gets the moment itself.
    private static func at(_ now: Double?, _ script: String) -> String {
        guard let now else { return script }
        return script.replacing("'now'", with: "'\(Date(timeIntervalSince1970: now).ISO8601Format())'")
    }

    /// - Parameters:
    ///   - record: file to which every stub appends a line.
    ///   - executable: this program, which plays the stub where no interpreter does.
    static func write(_ stubs: [Stub], place: SandboxPlace, record: String, executable: String) throws {
        for stub in stubs {
            let path = path(of: stub, place: place)
            try SandboxMounts.makeDirectory((path as NSString).deletingLastPathComponent)
            try write(Array(stubText(stub, record: record, executable: executable).utf8), path)
            chmod(path, 0o755)
        }
    }

    static func path(of stub: Stub, place: SandboxPlace) -> String {
        switch stub.place {
        case .program(let name): place.programs + "/" + name
        case .file(let relative): normalized(place.tree + "/" + relative)
        }
    }

    /// A text that is a shell script and a Python program at once: started directly it hands over to us, and an
    /// interpreter that is given the file runs the lower half. Both append the same line.
    private static func stubText(_ stub: Stub, record: String, executable: String) -> String {
        """
        #!/bin/sh
        ''':'
        exec '\(executable)' parity __stub '\(record)' \(stub.sleep) \(stub.status) "$0" "$@"
        '''
        import json, os, sys, time
        seen = {k: v for k, v in os.environ.items() if k.startswith(("RINGRIFT_", "CUDA_", "PYTHONPATH"))}
        with open("\(record)", "a") as out:
            out.write(json.dumps({"argv": sys.argv, "cwd": os.getcwd(), "env": seen}) + "\\n")
        time.sleep(\(stub.sleep))
        sys.exit(\(stub.status))

        """
    }

    static func bind(proc: [(name: String, text: String)], run: String) throws {
        for (name, text) in proc {
            let path = "\(run)/proc-\(name)"
            try write(Array(text.utf8), path)
            try SandboxMounts.bind(path, "/proc/\(name)")
        }
    }

    private static func write(_ bytes: [UInt8], _ path: String) throws {
        do {
            try PlainFile.write(bytes, to: path)
        } catch {
            throw ParityError("cannot write a file in the sandbox: \(error)")
        }
    }

    /// `a/../b` is `b`.
    static func normalized(_ path: String) -> String {
        (path as NSString).standardizingPath
    }
}

/// `ringrift parity __stub RECORD SLEEP STATUS ARGV…`: a stubbed program that was started directly.
enum StubProgram {
    static func main(_ arguments: [String]) -> Int32 {
        guard arguments.count >= 4, let sleep = UInt32(arguments[1]), let status = Int32(arguments[2]) else { return 2 }
        var seen = PyDict()
        for (name, value) in ProcessInfo.processInfo.environment.sorted(by: { $0.key < $1.key })
        where ["RINGRIFT_", "CUDA_", "PYTHONPATH"].contains(where: { name.hasPrefix($0) }) {
            seen[PyString(name)] = .string(value)
        }
        let line: PyValue = [
            "argv": .list(arguments.dropFirst(3).map { .string($0) }),
            "cwd": .string(FileManager.default.currentDirectoryPath), "env": .dict(seen),
        ]
        if let bytes = try? PyJSON.dumps(line) {
            let descriptor = open(arguments[0], O_WRONLY | O_APPEND | O_CREAT, 0o644)
            let text = bytes + [UInt8(ascii: "\n")]
            _ = Glibc.write(descriptor, text, text.count)
            close(descriptor)
        }
        if sleep > 0 { Glibc.sleep(sleep) }
        return status
    }
}
