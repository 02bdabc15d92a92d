import Foundation
import Synchronization
import Testing
import UnixSignals

@testable import Cutover

@Suite(.serialized) struct FlagStoreTests {
    private func edit(_ change: FlagEdit.Change) -> FlagEdit {
        FlagEdit(change, time: 1_800_000_000, who: "breaker", reason: "3 mismatches")
    }

    @Test func noFileIsNoAlarm() throws {
        let scratch = try FlagScratch()
        let status = scratch.store().status
        #expect(status.condition == .absent)
        #expect(status.alarms.isEmpty)
        #expect(status.path == scratch.path)
        for subsystem in Subsystem.allCases { #expect(status.table.mode(subsystem) == .swift) }
    }

    /// How the file is at the start, mode then, alarm.
    @Test func atTheStart() throws {
        let scratch = try FlagScratch()
        let named = FlagStore(
            environment: ["RINGRIFT_IMPL_FILE": "/no/such.env"], tree: scratch.tree, now: { 0 }, onEvent: { _ in })
        #expect(named.status.alarms.map(\.text) == ["/no/such.env is not there: nothing is set by it"])
        #expect(named.table.mode(.loopLoop) == .swift)
        try scratch.write("")
        #expect(scratch.store().status.alarms.map(\.text) == ["\(scratch.path) is empty: nothing is set by it"])
        #expect(scratch.store().table.mode(.loopLoop) == .swift)
        unlink(scratch.path)
        mkdir(scratch.path, 0o755)
        let unreadable = scratch.store(["RINGRIFT_IMPL": "swift"])
        #expect(
            unreadable.status.alarms.map(\.text) == [
                "\(scratch.path) is unreadable (not a regular file): everything is legacy"
            ])
        for subsystem in Subsystem.allCases { #expect(unreadable.table.mode(subsystem) == .legacy) }
        rmdir(scratch.path)
        try scratch.write("# nothing\n")
        #expect(unreadable.look(.complete) == .changed)
        #expect(unreadable.table.mode(.loopLoop) == .swift)
        #expect(unreadable.status.alarms.allSatisfy { !$0.isActive })
    }

    @Test func theLastGoodContentHolds() throws {
        let scratch = try FlagScratch()
        try scratch.write("RINGRIFT_IMPL_P2P=legacy\n")
        let store = scratch.store()
        let good = store.table
        let damages: [() throws -> Void] = [
            { _ = unlink(scratch.path) }, { try scratch.write("\n") },
            { try scratch.write("RINGRIFT_IMPL=swift\u{0}") },
        ]
        for (number, damage) in damages.enumerated() {
            try damage()
            // For a moment it may be so in any replacement.
            #expect(store.look(.glance) == .unsettled)
            #expect(store.look(.glance) == .changed)
            #expect(store.look(.glance) == .same)
            #expect(store.table == good)
            #expect(store.status.counters.held == number + 1)
            #expect(store.status.alarms.last?.isActive == true)
        }
        try scratch.write("RINGRIFT_IMPL_P2P=shadow\n")
        #expect(store.look(.complete) == .changed)
        #expect(store.table.mode(.p2pNetwork) == .shadow)
        #expect(
            scratch.lines.withLock { $0 }.filter { $0.hasPrefix("alarm") } == [
                "alarm: \(scratch.path) is not there: its last good content holds",
                "alarm over: \(scratch.path) is not there: its last good content holds",
                "alarm: \(scratch.path) is empty: its last good content holds",
                "alarm over: \(scratch.path) is empty: its last good content holds",
                "alarm: \(scratch.path) is unreadable (not text: a zero byte in it): its last good content holds",
                "alarm over: \(scratch.path) is unreadable (not text: a zero byte in it): its last good content holds",
            ])
    }

    @Test func halfWrittenTextIsNotTaken() throws {
        let scratch = try FlagScratch()
        try scratch.write("RINGRIFT_IMPL=legacy\n")
        let store = scratch.store()
        try scratch.write("# half\n")
        #expect(store.look(.glance) == .unsettled)
        try scratch.write("# half\nRINGRIFT_IMPL=shadow\n")
        #expect(store.look(.glance) == .unsettled)
        #expect(store.table.mode(.loopLoop) == .legacy)
        #expect(store.look(.glance) == .changed)
        #expect(store.table.mode(.loopLoop) == .shadow)
    }

    @Test(arguments: Subsystem.allCases)
    func aDemotionSurvivesARestart(_ subsystem: Subsystem) throws {
        let scratch = try FlagScratch()
        #expect(try scratch.store().apply(edit(.demote(subsystem, to: .legacy))) == .written)
        let environment = ["RINGRIFT_IMPL": "swift", subsystem.variable: "swift", "RINGRIFT_ROLLBACK": "0"]
        let after = scratch.store(environment)
        for other in Subsystem.allCases { #expect(after.table.mode(other) == (other == subsystem ? .legacy : .swift)) }
        #expect(after.table.entries[subsystem]?.source == "flags.env: \(subsystem.variable)")
        let note = after.file.note(.target(.subsystem(subsystem)))
        #expect(note?.who == "breaker" && note?.reason == "3 mismatches" && note?.was == .swift)
        #expect(note?.timeText == "2027-01-15T08:00:00Z")
    }

    @Test(arguments: [FlagTarget.all, .program(.p2p), .subsystem(.loopLoop)])
    func aRollbackSurvivesARestart(_ target: FlagTarget) throws {
        let scratch = try FlagScratch()
        try scratch.write("RINGRIFT_IMPL_P2P_TRAINING=swift\n")
        try scratch.store().apply(edit(.rollback(target)))
        let after = scratch.store(["RINGRIFT_IMPL": "swift", "RINGRIFT_IMPL_P2P": "swift"])
        for other in Subsystem.allCases {
            #expect(after.table.mode(other) == (target.subsystems.contains(other) ? .legacy : .swift))
        }
    }

    /// A demotion that cannot be written is in force all the same, and is written as soon as it can be.
    @Test func aDemotionHoldsWithoutADisk() throws {
        let scratch = try FlagScratch()
        try scratch.write("# mine\n")
        let store = scratch.store()
        mkdir(scratch.path + ".lock", 0o755)
        let failure = FlagFileStorage.Failure(path: scratch.path, reason: "Is a directory (its lock file)")
        #expect(try store.apply(edit(.demote(.p2pTraining, to: .shadow))) == .held(failure))
        #expect(store.table.mode(.p2pTraining) == .shadow)
        #expect(store.status.unwritten.count == 1)
        #expect(store.status.alarms.map(\.text) == ["a demotion is not saved yet: \(failure)"])
        #expect(throws: failure) { try store.apply(edit(.set(.all, .live))) }
        #expect(store.table.mode(.loopLoop) == .swift)
        #expect(try scratch.text() == "# mine\n")
        // Also an operator's edit does not take it back.
        try scratch.write("RINGRIFT_IMPL_P2P=swift\n")
        #expect(store.look(.complete) == .changed)
        #expect(store.table.mode(.p2pTraining) == .shadow)
        rmdir(scratch.path + ".lock")
        store.writeUnwritten()
        #expect(store.status.unwritten.isEmpty)
        #expect(store.status.alarms.allSatisfy { !$0.isActive })
        #expect(scratch.store().table.mode(.p2pTraining) == .shadow)
        #expect(store.status.counters.failedWrites == 2 && store.status.counters.writes == 1)
    }

    /// What held while the file was away is not lost by an edit.
    @Test func anEditOfAMissingFileBringsTheLastGoodContentBack() throws {
        let scratch = try FlagScratch()
        try scratch.write("RINGRIFT_IMPL_P2P=legacy\n")
        let store = scratch.store()
        unlink(scratch.path)
        #expect(store.look(.hangup) == .changed)
        #expect(store.status.condition == .missing)
        try store.apply(edit(.demote(.loopConfig, to: .live)))
        #expect(scratch.store().table.mode(.p2pNetwork) == .legacy)
        #expect(scratch.store().table.mode(.loopConfig) == .live)
        #expect(store.status.condition == .good)
    }

    @Test func alarmsAreBounded() throws {
        let scratch = try FlagScratch()
        let store = scratch.store()
        for number in 0..<300 {
            try scratch.write("RINGRIFT_IMPL=typo\(number)\n")
            #expect(store.look(.complete) == .changed)
        }
        #expect(store.status.alarms.count == 100)
        #expect(store.status.counters.alarms == 300)
        #expect(store.status.alarms.filter(\.isActive).count == 1)
    }

    @Test func updatesTellOldAndNew() async throws {
        let scratch = try FlagScratch()
        let store = scratch.store()
        let updates = store.updates()
        try await store.change(edit(.demote(.p2pTraining, to: .live)))
        var seen: [FlagStore.Update] = []
        for await update in updates {
            seen.append(update)
            if update.changed == [.p2pTraining] { break }
        }
        #expect(seen.first?.reason == "start")
        #expect(seen.last?.old.mode(.p2pTraining) == .swift)
        #expect(seen.last?.new.mode(.p2pTraining) == .live)
        #expect(seen.last?.reason == "demotion by breaker: 3 mismatches")
        #expect(
            scratch.lines.withLock { $0 }.first
                == "p2p.training: swift -> live (flags.env: RINGRIFT_IMPL_P2P_TRAINING), demotion by breaker: 3 mismatches"
        )
    }

    @Test func hangupReadsTheFileAgain() async throws {
        // The process must outlive the signal also when nobody takes it.
        let guardian = await UnixSignalsSequence(trapping: .sighup)
        let scratch = try FlagScratch()
        let store = scratch.store()
        var settings = FlagWatch.Settings()
        settings.interval = 3600
        settings.usesInotify = false
        try await watching(store, settings) {
            try scratch.write("RINGRIFT_IMPL_P2P=legacy\n")
            kill(getpid(), SIGHUP)
            #expect(await arrives(store) { $0.new.mode(.p2pNetwork) == .legacy })
            unlink(scratch.path)
            kill(getpid(), SIGHUP)
            #expect(await arrives(store) { $0.condition == .missing })
        }
        withExtendedLifetime(guardian) {}
    }

    @Test func doctorSeesBothSources() throws {
        let scratch = try FlagScratch()
        try scratch.write("RINGRIFT_IMPL_P2P=new\nFOO=1\n")
        let report = FlagReport(environment: ["RINGRIFT_IMPL": "x"], tree: scratch.tree)
        #expect(
            report.problems == [
                "RINGRIFT_IMPL=x: unknown value, taken as legacy (allowed: legacy, shadow, live, swift)",
                "flags.env line 1: RINGRIFT_IMPL_P2P=new: unknown value, taken as legacy (allowed: legacy, shadow, live, swift)",
                "flags.env line 2: FOO: unknown name, ignored",
            ])
        try scratch.write("# nothing\n")
        #expect(FlagReport(environment: [:], tree: scratch.tree).problems.isEmpty)
    }
}
