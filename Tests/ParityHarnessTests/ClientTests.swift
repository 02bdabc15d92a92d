import Comparison
import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

/// Reading HTTP answers, whole and byte by byte; gzip; SQLite.
@Suite struct ClientTests {
    static let answers: [(text: String, head: Bool, status: Int, body: String)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloREST", false, 200, "hello"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, 200, ""),
        ("HTTP/1.1 200 OK\r\n\r\nto the end", false, 200, "to the end"),
        ("HTTP/1.1 204 No Content\r\n\r\n", false, 204, ""),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", false, 201, ""),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", false, 200,
            "abcde"
        ),
    ]

    @Test(arguments: answers.indices, [1, 3, 4096]) func readsAnswers(_ index: Int, _ size: Int) throws {
        let row = Self.answers[index]
        var rest = Array(row.text.utf8)[...]
        var reader = HTTPAnswerReader {
            defer { rest = rest.dropFirst(size) }
            return Array(rest.prefix(size))
        }
        let answer = try reader.read(head: row.head)
        #expect(answer.status == row.status && answer.body == .text(row.body))
    }

    @Test func namesErrorsAsPythonDoes() throws {
        func failure(_ text: String) -> String? {
            var rest = Array(text.utf8)
            var reader = HTTPAnswerReader {
                defer { rest = [] }
                return rest
            }
            do {
                _ = try reader.read(head: false)
                return nil
            } catch { return (error as? HTTPStepClient.Failure)?.text }
        }
        #expect(failure("") == "RemoteDisconnected: Remote end closed connection without response")
        #expect(
            failure("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
                == "IncompleteRead: IncompleteRead(2 bytes read, 3 more expected)")
        #expect(failure("nonsense\r\n\r\n")?.hasPrefix("BadStatusLine") ?? false)
    }

    /// Made with Python's `gzip.compress(…, mtime=0)`: fixed codes, dynamic codes, stored.
    @Test func gunzips() throws {
        let small = "1f8b0800000000000203ab56ca484dcc29c9a854b25228292a4dd55150ca03320d6b0189e2691119000000"
        #expect(Inflate.gunzip(try #require(Hex.decode(small))) == Array(#"{"healthy": true, "n": 1}"#.utf8))
        let stored = "1f8b0800000000000403010600f9ff73746f7265640bf9435606000000"
        #expect(Inflate.gunzip(try #require(Hex.decode(stored))) == Array("stored".utf8))
        #expect(Inflate.gunzip(Array("no gzip, but long enough".utf8)) == nil)
        var cut = try #require(Hex.decode(small))
        cut.removeLast(20)
        #expect(Inflate.gunzip(cut) == nil)
    }

    @Test func headersOfOneNameKeepTheLastValue() throws {
        var text = Array("HTTP/1.1 200 OK\r\nX: 1\r\nY: a\r\nX: 2\r\nContent-Length: 0\r\n\r\n".utf8)
        var reader = HTTPAnswerReader {
            defer { text = [] }
            return text
        }
        #expect(try reader.read(head: false).headers.map { $0.name + $0.value } == ["X2", "Ya", "Content-Length0"])
    }

    @Test func dumpsWhatASeedMade() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("parity-\(UUID().uuidString).db").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try SQLiteFile(path: path).run(
            script:
                "CREATE TABLE t (i INTEGER, r REAL, x TEXT, b BLOB, n); INSERT INTO t VALUES (1, 2.0, 'é', x'00ff', NULL); PRAGMA user_version = 7;"
        )
        let dump = try SQLiteFile(path: path).dump()
        #expect(
            ParityText.json(dump)
                == #"{"user_version": 7, "journal_mode": "delete", "schema": {"t": "CREATE TABLE t (i INTEGER, r REAL, x TEXT, b BLOB, n)"}, "rows": {"t": [{"i": 1, "r": 2.0, "x": "\u00e9", "b": "b'\\x00\\xff'", "n": null}]}}"#
        )
        try Data("no database at all, but a text".utf8).write(to: URL(fileURLWithPath: path))
        let failure = #expect(throws: SQLiteFile.Failure.self) { try SQLiteFile(path: path).dump() }
        #expect(failure?.pyRepr == "DatabaseError('file is not a database')")
    }
}
