import Foundation
import Testing

@testable import Cutover

/// After a drill the flags are as they were, whatever else has happened to the file meanwhile.
@Suite struct FlagRestorationTests {
    private let reason = "drill 7f3a"

    private func edit(_ target: FlagTarget) -> FlagEdit {
        FlagEdit(.rollback(target), time: 1_800_000_000, who: "drill", reason: reason)
    }

    private func restore(
        _ scratch: FlagScratch, _ target: FlagTarget, meanwhile: (FlagFileStorage) throws -> Void = { _ in }
    ) throws {
        let storage = FlagFileStorage(path: scratch.path)
        let original = storage.read()
        let written = try storage.edit { $0.applying(edit(target)) }
        try meanwhile(storage)
        let back = FlagRestoration(original: original, written: written, reason: reason, who: "drill")
        let file = try back.restore(storage, time: 1_800_000_002)
        #expect(Array(try scratch.text().utf8) == (storage.read() == .missing ? [] : Array(try scratch.text().utf8)))
        #expect(storage.readLastGood() == file.bytes)
    }

    /// Byte for byte, also what an editor left unusual.
    @Test(
        arguments: [
            "# mine\n", "RINGRIFT_IMPL=swift", "\u{FEFF}RINGRIFT_IMPL_P2P=live # why\r\n\n\n# end",
            "export RINGRIFT_IMPL_P2P_TRAINING='live'\nRINGRIFT_IMPL_P2P_TRAINING=swift\n", "FOO=1\nnonsense\n",
        ])
    func toTheByte(_ text: String) throws {
        for target in [FlagTarget.all, .program(.p2p), .subsystem(.p2pTraining)] {
            let scratch = try FlagScratch()
            try scratch.write(text)
            try restore(scratch, target)
            #expect(try scratch.text() == text)
        }
    }

    /// Where nothing was, nothing is set, and that holds: the file is not taken away again.
    @Test func fromNoFile() throws {
        let scratch = try FlagScratch()
        let store = scratch.store()
        try restore(scratch, .all)
        #expect(store.look(.hangup) == .changed)
        for subsystem in Subsystem.allCases { #expect(store.table.mode(subsystem) == .swift) }
        #expect(store.status.condition == .good)
        #expect(scratch.store().table.mode(.p2pTraining) == .swift)
    }

    /// What somebody else has done meanwhile stays.
    @Test func besideAnotherEdit() throws {
        let scratch = try FlagScratch()
        try scratch.write("RINGRIFT_IMPL_P2P_TRAINING=live\nRINGRIFT_IMPL_P2P_NETWORK=swift\n")
        try restore(scratch, .program(.p2p)) { storage in
            _ = try storage.edit {
                $0.applying(
                    FlagEdit(
                        .demote(.p2pNetwork, to: .legacy), time: 1_800_000_001, who: "breaker", reason: "3 mismatches"))
            }
        }
        let table = scratch.store().table
        #expect(table.mode(.p2pTraining) == .live)
        #expect(table.mode(.p2pNetwork) == .legacy)
        #expect(table.mode(.p2pTournament) == .swift)
        #expect(table.entries[.p2pTournament]?.source == "default")
    }

    @Test func aRollbackMeanwhileStays() throws {
        let scratch = try FlagScratch()
        try restore(scratch, .subsystem(.p2pTraining)) { storage in
            _ = try storage.edit {
                $0.applying(FlagEdit(.rollback(.all), time: 1_800_000_001, who: "anna", reason: "3 a.m."))
            }
        }
        let file = scratch.store().file
        #expect(file.settings.isRolledBack)
        #expect(file.settings[.target(.subsystem(.p2pTraining))] == nil)
    }

    /// The file cut off or gone in the middle of it: what was before comes back.
    @Test(arguments: ["", "gone"])
    func overADamagedFile(_ damage: String) throws {
        let scratch = try FlagScratch()
        try scratch.write("RINGRIFT_IMPL_P2P=live\n")
        try restore(scratch, .all) { _ in
            if damage == "gone" { unlink(scratch.path) } else { try scratch.write(damage) }
        }
        #expect(try scratch.text() == "RINGRIFT_IMPL_P2P=live\n")
    }
}
