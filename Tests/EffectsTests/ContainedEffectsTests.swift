import Foundation
import PythonSemantics
import Testing

@testable import Effects

/// Contained code sees the world and changes nothing of it; each refusal is noted.
@Suite struct ContainedEffectsTests {
    private let folder: String
    private let ledger = EffectLedger()
    private var effects: Effects { .contained(ledger) }

    init() throws {
        folder = NSTemporaryDirectory() + "/contained-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

    /// A database in the journal mode; what it holds, and the writer that has it open.
    private func database(_ mode: String) throws -> (path: String, writer: LiveDatabases) {
        let path = folder + "/\(mode).db"
        let writer = LiveDatabases()
        _ = try writer.query(path, busyTimeout: 1, [SQLStatement("PRAGMA journal_mode=\(mode)")])
        _ = try writer.transaction(
            path,
            [
                SQLStatement("CREATE TABLE t (i INTEGER, f REAL, s TEXT, n TEXT)"),
                SQLStatement("INSERT INTO t VALUES (?, ?, ?, ?)", [.int(7), .float(0.5), "ä", .none]),
            ])
        return (path, writer)
    }

    @Test(arguments: ["delete", "wal"])
    func rowsAreReadWithoutATrace(_ mode: String) throws {
        let (path, writer) = try database(mode)
        for isOpen in [true, false] {
            if !isOpen { writer.close(path) }
            let before = try names()
            let question = SQLStatement("SELECT i, f, s, n FROM t WHERE i = ? AND s = ?", [.int(7), "ä"])
            #expect(
                try effects.databases.query(path, busyTimeout: 1, [question]) == [[[.int(7), .float(0.5), "ä", .none]]])
            #expect(try effects.databases.transaction(path, [question])[0].count == 1)
            #expect(try names() == before, "open: \(isOpen)")
        }
        #expect(ledger.take().isEmpty)
    }

    @Test(arguments: [
        "INSERT INTO t (i) VALUES (1)", "DELETE FROM t", "CREATE TABLE IF NOT EXISTS t (i)", "DROP TABLE t",
        "PRAGMA user_version = 5", "WITH x AS (SELECT 1) INSERT INTO t (i) SELECT * FROM x",
    ])
    func writesAreRefused(_ sql: String) throws {
        let (path, writer) = try database("delete")
        writer.close(path)
        let bytes = FileManager.default.contents(atPath: path)
        #expect(throws: PyException.self) { try effects.databases.transaction(path, [SQLStatement(sql)]) }
        #expect(ledger.take().count == 1)
        #expect(FileManager.default.contents(atPath: path) == bytes)
    }

    /// Python makes an empty file and then finds no table.
    @Test func aMissingFileIsAnEmptyOne() throws {
        do throws(PyException) {
            _ = try effects.databases.query(folder + "/none.db", busyTimeout: 1, [SQLStatement("SELECT * FROM t")])
            Issue.record("there is no table")
        } catch {
            #expect(error.message == "no such table: t")
        }
        #expect(try names().isEmpty)
    }

    @Test func nothingIsStartedSentOrWritten() async throws {
        let effects = effects
        let file = folder + "/x"
        #expect(throws: PyException.self) { try effects.files.replace(file, with: [1]) }
        #expect(throws: PyException.self) { try effects.files.createDirectory(file) }
        #expect(throws: PyException.self) { try effects.files.remove(folder) }
        try effects.files.createDirectory(folder)
        #expect(throws: PyException.self) { try effects.processes.signal(getpid(), SIGCONT) }
        #expect(throws: PyException.self) {
            try effects.processes.start(ChildRequest(["true"], directory: "/", environment: [:], log: PyString(file)))
        }
        guard case .notStarted = await effects.processes.run(ProcessRequest(["true"], timeout: 1)) else {
            Issue.record("a program ran")
            return
        }
        do throws(PyException) {
            _ = try await effects.peers.send(PeerRequest(method: "GET", url: "http://127.0.0.1:1/x", timeout: 1))
            Issue.record("something was sent")
        } catch {}
        #expect(ledger.take().count == 7)
        #expect(try names().isEmpty)
    }

    @Test func whatIsKnownNeedsNoProgram() async {
        let effects = Effects.contained(ledger) { request in
            request.arguments == ["nvidia-smi"] ? .exited(status: 0, output: "1, 2, 4", errorOutput: "") : nil
        }
        #expect(
            await effects.processes.run(ProcessRequest(["nvidia-smi"], timeout: 1))
                == .exited(status: 0, output: "1, 2, 4", errorOutput: ""))
        #expect(ledger.take().isEmpty)
    }
}
