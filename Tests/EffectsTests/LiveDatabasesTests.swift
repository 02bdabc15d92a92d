import Foundation
import PythonSemantics
import Testing

@testable import Effects

/// Names and texts are those of Python 3.11's sqlite3 for the same statements (run with the reference interpreter,
/// SQLite 3.40.1, timeout 0).
@Suite struct LiveDatabasesTests {
    private let scratch: Scratch
    private let path: String
    private let databases = LiveDatabases(busyTimeout: 0)

    init() throws {
        scratch = try Scratch()
        path = scratch.path + "/a.db"
        _ = try databases.transaction(
            path,
            [
                SQLStatement("CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT NOT NULL UNIQUE, n REAL)"),
                SQLStatement("CREATE TABLE c(id INTEGER PRIMARY KEY CHECK(id=1))"),
                SQLStatement("INSERT INTO t(x, n) VALUES(?, ?)", ["a", 1]),
            ])
    }

    private func rows(_ sql: String) throws -> SQLRows { try databases.transaction(path, [SQLStatement(sql)])[0] }

    @Test(arguments: [
        ("INSERT INTO t(x) VALUES(NULL)", "sqlite3.IntegrityError: NOT NULL constraint failed: t.x"),
        ("INSERT INTO t(x) VALUES('a')", "sqlite3.IntegrityError: UNIQUE constraint failed: t.x"),
        ("INSERT INTO t(id, x) VALUES(1, 'b')", "sqlite3.IntegrityError: UNIQUE constraint failed: t.id"),
        ("INSERT INTO t(id, x) VALUES('abc', 'b')", "sqlite3.IntegrityError: datatype mismatch"),
        ("INSERT INTO c VALUES(2)", "sqlite3.IntegrityError: CHECK constraint failed: id=1"),
        ("SELECT * FROM nope", "sqlite3.OperationalError: no such table: nope"),
        ("SELECT nope FROM t", "sqlite3.OperationalError: no such column: nope"),
        ("SELEC 1", "sqlite3.OperationalError: near \"SELEC\": syntax error"),
        ("SELECT", "sqlite3.OperationalError: incomplete input"),
        ("BEGIN", "sqlite3.OperationalError: cannot start a transaction within a transaction"),
        ("SELECT zeroblob(2000000000)", "sqlite3.DataError: string or blob too big"),
    ])
    func statementErrors(_ sql: String, _ expected: String) {
        #expect(failure { () throws(PyException) in try databases.transaction(path, [SQLStatement(sql)]) } == expected)
    }

    @Test(arguments: [
        ([[1] as PyValue], "sqlite3.ProgrammingError: Error binding parameter 1: type 'list' is not supported"),
        ([1, [:] as PyValue], "sqlite3.ProgrammingError: Error binding parameter 2: type 'dict' is not supported"),
        (
            [.string(PyString(codePoints: [0xD800]))],
            "UnicodeEncodeError: 'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed"
        ),
    ])
    func valuesThatCannotBeBound(_ values: [PyValue], _ expected: String) {
        let marks = values.map { _ in "?" }.joined(separator: ", ")
        let statement = SQLStatement("SELECT \(marks)", values)
        #expect(failure { () throws(PyException) in try databases.transaction(path, [statement]) } == expected)
    }

    @Test func anIntegerBeyond64Bits() throws {
        let statement = SQLStatement("SELECT ?", [try PyJSON.loads("9223372036854775808")])
        #expect(
            failure { () throws(PyException) in try databases.transaction(path, [statement]) }
                == "OverflowError: Python int too large to convert to SQLite INTEGER")
    }

    @Test func valuesKeepTheirTypes() throws {
        let values: [PyValue] = [.none, true, 5, 1.5, "é", .float(.nan), .float(.infinity), .int(.max), -7]
        let marks = values.map { _ in "?" }.joined(separator: ", ")
        let row = try databases.transaction(path, [SQLStatement("SELECT \(marks)", values)])[0][0]
        #expect(row == [.none, 1, 5, 1.5, "é", .none, .float(.infinity), .int(.max), -7])
    }

    @Test func anErrorUndoesTheWholeTransaction() throws {
        let statements = [
            SQLStatement("INSERT INTO t(x) VALUES('b')"), SQLStatement("DELETE FROM t WHERE x = 'a'"),
            SQLStatement("INSERT INTO t(x) VALUES(?)", [[]]),
        ]
        #expect(failure { () throws(PyException) in try databases.transaction(path, statements) } != nil)
        #expect(try rows("SELECT id, x, n FROM t") == [[1, "a", 1.0]])
        // The connection is usable again.
        _ = try databases.transaction(path, [SQLStatement("INSERT INTO t(x) VALUES('b')")])
        #expect(try rows("SELECT x FROM t ORDER BY id") == [["a"], ["b"]])
    }

    @Test func everyStatementHasItsRows() throws {
        let results = try databases.transaction(
            path,
            [
                SQLStatement("INSERT INTO t(x) VALUES('b')"), SQLStatement("SELECT x FROM t ORDER BY x"),
                SQLStatement("SELECT x FROM t WHERE x = 'none'"), SQLStatement("SELECT COUNT(*) FROM t"),
            ])
        #expect(results == [[], [["a"], ["b"]], [], [[2]]])
    }

    @Test func anotherWriterLocks() throws {
        let other = LiveDatabases(busyTimeout: 0)
        let holder = try WriteLock(path)
        let write = [SQLStatement("INSERT INTO t(x) VALUES('z')")]
        #expect(
            failure { () throws(PyException) in try other.transaction(path, write) }
                == "sqlite3.OperationalError: database is locked")
        holder.release()
        #expect(failure { () throws(PyException) in try other.transaction(path, write) } == nil)
    }

    @Test func readOnly() {
        // What a read-only file answers; the tests may run as root, for whom no file is.
        let statements = [SQLStatement("PRAGMA query_only = 1"), SQLStatement("INSERT INTO t(x) VALUES('q')")]
        #expect(
            failure { () throws(PyException) in try databases.transaction(path, statements) }
                == "sqlite3.OperationalError: attempt to write a readonly database")
    }

    @Test func filesThatAreNoDatabases() throws {
        let text = try scratch.file("bad.db", String(repeating: "this is not a database file at all ", count: 60))
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let corrupt = scratch.path + "/corrupt.db"
        try (whole.prefix(100) + Data(repeating: 0xFF, count: whole.count - 100)).write(
            to: URL(fileURLWithPath: corrupt))
        let cases = [
            (text, "sqlite3.DatabaseError: file is not a database"),
            (corrupt, "sqlite3.DatabaseError: database disk image is malformed"),
            (scratch.path, "sqlite3.OperationalError: unable to open database file"),
            (scratch.path + "/none/x.db", "sqlite3.OperationalError: unable to open database file"),
        ]
        for (path, expected) in cases {
            let query = [SQLStatement("SELECT * FROM t")]
            #expect(failure { () throws(PyException) in try databases.transaction(path, query) } == expected)
        }
    }

    /// An operator's `mv`, `rm` and copies must not leave us with an unlinked file.
    @Test func theFileAtThePathCounts() throws {
        let manager = FileManager.default
        let aside = scratch.path + "/aside.db"
        try manager.moveItem(atPath: path, toPath: aside)
        #expect(
            failure { () throws(PyException) in try databases.transaction(path, [SQLStatement("SELECT * FROM t")]) }
                == "sqlite3.OperationalError: no such table: t")
        _ = try databases.transaction(path, [SQLStatement("CREATE TABLE other(y)")])
        try manager.removeItem(atPath: path)
        try manager.moveItem(atPath: aside, toPath: path)
        #expect(try rows("SELECT x FROM t") == [["a"]])
        try manager.removeItem(atPath: path)
        _ = try databases.transaction(path, [SQLStatement("CREATE TABLE fresh(z)")])
        let fresh = LiveDatabases(busyTimeout: 0)
        #expect(try fresh.transaction(path, [SQLStatement("SELECT name FROM sqlite_master")]) == [[["fresh"]]])
    }

    @Test func theFileIsPlainSQLite() throws {
        #expect(try rows("PRAGMA journal_mode") == [["delete"]])
        #expect(try rows("PRAGMA user_version") == [[0]])
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["a.db"])
    }
}
