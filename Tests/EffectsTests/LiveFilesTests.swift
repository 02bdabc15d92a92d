import Foundation
import PythonSemantics
import Testing

@testable import Effects

/// Texts as `open`, `os.makedirs(exist_ok=True)` and `os.replace` of Python 3.11 give them.
@Suite struct LiveFilesTests {
    private let scratch: Scratch
    private let files = LiveFiles()

    init() throws { scratch = try Scratch() }

    @Test func reading() throws {
        let file = try scratch.file("f", "text")
        let long = "/" + String(repeating: "a", count: 300)
        #expect(try files.read(file) == Array("text".utf8))
        #expect(try files.read("/proc/self/status").isEmpty == false)
        let cases = [
            ("/nope/x", "FileNotFoundError: [Errno 2] No such file or directory: '/nope/x'"),
            ("/it's", "FileNotFoundError: [Errno 2] No such file or directory: \"/it's\""),
            (scratch.path, "IsADirectoryError: [Errno 21] Is a directory: '\(scratch.path)'"),
            (file + "/x", "NotADirectoryError: [Errno 20] Not a directory: '\(file)/x'"),
            (long, "OSError: [Errno 36] File name too long: '\(long)'"),
        ]
        for (path, expected) in cases {
            #expect(failure { () throws(PyException) in try files.read(path) } == expected)
        }
    }

    @Test(arguments: [
        (EACCES, "PermissionError: [Errno 13] Permission denied: 'p'"),
        (EPERM, "PermissionError: [Errno 1] Operation not permitted: 'p'"),
        (EEXIST, "FileExistsError: [Errno 17] File exists: 'p'"),
        (ENOSPC, "OSError: [Errno 28] No space left on device: 'p'"),
        (EROFS, "OSError: [Errno 30] Read-only file system: 'p'"),
        (ECONNREFUSED, "ConnectionRefusedError: [Errno 111] Connection refused: 'p'"),
        (ECONNRESET, "ConnectionResetError: [Errno 104] Connection reset by peer: 'p'"),
        (ETIMEDOUT, "TimeoutError: [Errno 110] Connection timed out: 'p'"),
        (EPIPE, "BrokenPipeError: [Errno 32] Broken pipe: 'p'"),
    ])
    func systemErrors(_ code: Int32, _ expected: String) {
        #expect(PyException.osError(code, path: "p").description == expected)
    }

    @Test func directories() throws {
        let file = try scratch.file("f")
        try files.createDirectory(scratch.path + "/a/b/c")
        try files.createDirectory(scratch.path + "/a/b/c")
        #expect(files.isDirectory(scratch.path + "/a/b/c"))
        #expect(!files.isDirectory(file))
        #expect(files.exists(file))
        #expect(!files.exists(scratch.path + "/none"))
        let cases = [
            (file, "FileExistsError: [Errno 17] File exists: '\(file)'"),
            (file + "/x", "NotADirectoryError: [Errno 20] Not a directory: '\(file)/x'"),
            ("/proc/nope/x", "FileNotFoundError: [Errno 2] No such file or directory: '/proc/nope'"),
        ]
        for (path, expected) in cases {
            #expect(failure { () throws(PyException) in try files.createDirectory(path) } == expected)
        }
    }

    @Test func replacing() throws {
        let path = scratch.path + "/state.json"
        try files.replace(path, with: Array("one".utf8))
        try files.replace(path, with: [UInt8](repeating: 65, count: 3_000_000))
        #expect(try files.read(path).count == 3_000_000)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["state.json"])
        let missing = scratch.path + "/none/x"
        #expect(
            failure { () throws(PyException) in try files.replace(missing, with: []) }
                == "FileNotFoundError: [Errno 2] No such file or directory: '\(missing).tmp'")
    }
}
