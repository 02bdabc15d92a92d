import Foundation
import Testing

@testable import Cutover

/// What an earlier process had read holds while the file is damaged, also across a restart.
@Suite(.serialized) struct FlagLastGoodTests {
    private static let good = "# mine\nRINGRIFT_IMPL_P2P_TRAINING=legacy\n"

    private func store(_ scratch: FlagScratch, keeps: Bool = true, _ environment: [String: String] = [:]) -> FlagStore {
        FlagStore(
            environment: environment, tree: scratch.tree, keepsLastGood: keeps, now: { 1_800_000_000 },
            onEvent: { line in scratch.lines.withLock { $0.append(line) } })
    }

    /// How the file is at the second start, and what the alarm says of it.
    @Test(
        arguments: [
            ("gone", "is not there"), ("", "is empty"), ("  \n\n", "is empty"),
            ("RINGRIFT_IMPL=swift\u{0}", "is unreadable (not text: a zero byte in it)"),
            ("\u{1}\u{2}garbage\nmore of it\n", "is unreadable (no line of it is NAME=VALUE)"),
            ("<html>502</html>\n", "is unreadable (no line of it is NAME=VALUE)"),
            ("folder", "is unreadable (not a regular file)"),
        ])
    func holdsAcrossARestart(_ damage: String, _ what: String) throws {
        let scratch = try FlagScratch()
        try scratch.write(Self.good)
        #expect(store(scratch).table.mode(.p2pTraining) == .legacy)
        unlink(scratch.path)
        if damage == "folder" { mkdir(scratch.path, 0o755) } else if damage != "gone" { try scratch.write(damage) }
        let after = store(scratch)
        for subsystem in Subsystem.allCases {
            #expect(after.table.mode(subsystem) == (subsystem == .p2pTraining ? .legacy : .swift))
        }
        #expect(after.table.entries[.p2pTraining]?.source == "flags.env: RINGRIFT_IMPL_P2P_TRAINING")
        #expect(
            after.status.alarms.filter(\.isActive).map(\.text) == [
                "\(scratch.path) \(what): its last good content, \(scratch.path).last-good, holds"
            ])
        #expect(after.status.counters.held == 1)
        // A third start knows it, too.
        #expect(store(scratch).table.mode(.p2pTraining) == .legacy)
        // What is written next counts, and is kept.
        if damage == "folder" { rmdir(scratch.path) }
        try scratch.write("RINGRIFT_IMPL_P2P_TRAINING=live\n")
        #expect(after.look(.complete) == .changed)
        #expect(after.table.mode(.p2pTraining) == .live)
        #expect(after.status.alarms.allSatisfy { !$0.isActive })
        #expect(try scratch.text(scratch.path + ".last-good") == "RINGRIFT_IMPL_P2P_TRAINING=live\n")
    }

    /// Demotions are kept with the file they are written to.
    @Test func ofItsOwnEdits() throws {
        let scratch = try FlagScratch()
        let first = store(scratch)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder).isEmpty)
        try first.apply(FlagEdit(.demote(.loopLoop, to: .legacy), time: 100, who: "breaker", reason: "3 mismatches"))
        unlink(scratch.path)
        let after = store(scratch)
        #expect(after.table.mode(.loopLoop) == .legacy)
        #expect(after.file.history.map(\.reason) == ["3 mismatches"])
        // An edit brings the file back.
        try after.apply(FlagEdit(.demote(.loopConfig, to: .legacy), time: 200, who: "breaker", reason: "late"))
        #expect(scratch.store().table.mode(.loopLoop) == .legacy)
        #expect(scratch.store().table.mode(.loopConfig) == .legacy)
    }

    /// Who only looks writes nothing.
    @Test func onlyWhoKeepsKeeps() throws {
        let scratch = try FlagScratch()
        try scratch.write(Self.good)
        let reader = store(scratch, keeps: false)
        try scratch.write("# other\n")
        #expect(reader.look(.complete) == .changed)
        _ = FlagReport(environment: [:], tree: scratch.tree)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder) == ["flags.env"])
    }

    /// What was kept can be damaged itself; then it is as if nothing had been.
    @Test(arguments: ["", "garbage\n", "RINGRIFT_IMPL=legacy\u{0}"])
    func aDamagedKeep(_ text: String) throws {
        let scratch = try FlagScratch()
        try scratch.write(text, to: scratch.path + ".last-good")
        #expect(store(scratch).status.condition == .absent)
        mkdir(scratch.path, 0o755)
        #expect(store(scratch).table.mode(.loopLoop) == .legacy)
    }

    @Test func aFolderThatCannotBeWritten() throws {
        let scratch = try FlagScratch()
        try scratch.write(Self.good)
        mkdir(scratch.path + ".last-good", 0o755)
        let kept = store(scratch)
        #expect(kept.table.mode(.p2pTraining) == .legacy)
        #expect(kept.status.alarms.map(\.text) == ["cannot keep \(scratch.path).last-good: Is a directory"])
    }

    /// A symbolic link that leads nowhere any more: the keep is beside the link.
    @Test func besideALink() throws {
        let scratch = try FlagScratch()
        let target = scratch.tree + "/real.env"
        try scratch.write(Self.good, to: target)
        symlink(target, scratch.path)
        #expect(store(scratch).table.mode(.p2pTraining) == .legacy)
        unlink(target)
        #expect(store(scratch).table.mode(.p2pTraining) == .legacy)
    }

    /// A rollback must be possible over a file that something has overwritten; what was there is kept for a look.
    @Test(arguments: ["no flags at all\n", "RINGRIFT_IMPL=swift\u{0}\n"])
    func aRollbackOverADamagedFile(_ text: String) async throws {
        let scratch = try FlagScratch()
        try scratch.write(Self.good)
        _ = store(scratch)
        try scratch.write(text)
        let storage = FlagFileStorage(path: scratch.path)
        let client = NodeClient(address: "http://127.0.0.1:1")
        let change = CutoverChange(storage: storage, client: client)
        let written = try change.write([FlagEdit(.rollback(.all), time: 100, who: "anna", reason: "")])
        await client.shutdown()
        #expect(written.file.settings.isRolledBack)
        #expect(written.file.settings[.target(.subsystem(.p2pTraining))] == "legacy")
        #expect(try scratch.text(scratch.path + ".damaged") == text)
        #expect(store(scratch).table.mode(.loopLoop) == .legacy)
    }

    /// A line of ours, or a comment, makes it a flags file.
    @Test(
        arguments: [
            ("", true), ("# only this\nnonsense\n", true), ("FOO=1\n", true), ("nonsense\n", false),
            ("nonsense\n\n \t\nmore\n", false), ("nonsense\nRINGRIFT_IMPL=live\n", true),
            ("RINGRIFT_IMPL live\n", true),
        ])
    func whatIsAFlagsFile(_ text: String, _ isUnderstood: Bool) {
        #expect(FlagFile(text: text).isUnderstood == isUnderstood)
    }
}
