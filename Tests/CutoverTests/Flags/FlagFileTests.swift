import Testing

@testable import Cutover

@Suite struct FlagFileTests {
    /// Line, what p2p.training is then (nil: not named), alarm.
    @Test(
        arguments: [
            ("RINGRIFT_IMPL=live", .live, nil),
            ("RINGRIFT_IMPL_P2P=shadow", .shadow, nil),
            ("RINGRIFT_IMPL_P2P_TRAINING=legacy", .legacy, nil),
            ("export RINGRIFT_IMPL_P2P=live", .live, nil),
            ("  \texport\tRINGRIFT_IMPL_P2P=live \t", .live, nil),
            ("RINGRIFT_IMPL_P2P='live'", .live, nil),
            ("RINGRIFT_IMPL_P2P=\"live\"  # until Friday", .live, nil),
            ("RINGRIFT_IMPL_P2P=live # until Friday", .live, nil),
            ("RINGRIFT_IMPL_P2P = live", .live, nil),
            ("RINGRIFT_IMPL_P2P=live\r", .live, nil),
            ("\u{FEFF}RINGRIFT_IMPL_P2P=live", .live, nil),
            ("RINGRIFT_ROLLBACK=1", .legacy, nil),
            ("RINGRIFT_ROLLBACK=0", nil, nil),
            // Not set.
            ("", nil, nil), ("   ", nil, nil), ("# RINGRIFT_IMPL=legacy", nil, nil), ("RINGRIFT_IMPL=", nil, nil),
            ("RINGRIFT_IMPL=''", nil, nil), ("RINGRIFT_IMPL= # nothing", nil, nil),
            // Unknown values.
            (
                "RINGRIFT_IMPL_P2P=Swift", .legacy,
                "RINGRIFT_IMPL_P2P=Swift: unknown value, taken as legacy (allowed: legacy, shadow, live, swift)"
            ),
            (
                "RINGRIFT_IMPL_P2P='swift", .legacy,
                "RINGRIFT_IMPL_P2P='swift: unknown value, taken as legacy (allowed: legacy, shadow, live, swift)"
            ),
            (
                "RINGRIFT_IMPL_P2P='swift'x", .legacy,
                "RINGRIFT_IMPL_P2P='swift'x: unknown value, taken as legacy (allowed: legacy, shadow, live, swift)"
            ),
            (
                "RINGRIFT_IMPL_P2P swift", .legacy,
                "RINGRIFT_IMPL_P2P=(no =) swift: unknown value, taken as legacy (allowed: legacy, shadow, live, swift)"
            ),
            (
                "RINGRIFT_IMPL_P2P", .legacy,
                "RINGRIFT_IMPL_P2P=(no =): unknown value, taken as legacy (allowed: legacy, shadow, live, swift)"
            ),
            (
                "RINGRIFT_IMPL_P2P=#x", .legacy,
                "RINGRIFT_IMPL_P2P=#x: unknown value, taken as legacy (allowed: legacy, shadow, live, swift)"
            ),
            // Unknown names change nothing; their values are not told.
            ("RINGRIFT_IMPL_P2P_TRAINNIG=legacy", nil, "RINGRIFT_IMPL_P2P_TRAINNIG: unknown name, ignored"),
            ("ringrift_impl=legacy", nil, "ringrift_impl: unknown name, ignored"),
            ("TOKEN=secret", nil, "TOKEN: unknown name, ignored"),
            ("RINGRIFT_IMPL_FILE=/x", nil, "RINGRIFT_IMPL_FILE: unknown name, ignored"),
            ("hello", nil, "not NAME=VALUE, ignored"), ("=legacy", nil, "not NAME=VALUE, ignored"),
            ("exportRINGRIFT_IMPL=legacy", nil, "exportRINGRIFT_IMPL: unknown name, ignored"),
        ] as [(String, Mode?, String?)])
    func lines(_ line: String, _ mode: Mode?, _ alarm: String?) {
        let alone = FlagFile(text: line)
        #expect(alone.settings.setting(.p2pTraining)?.mode == mode)
        #expect(alone.alarms.map(\.description) == (alarm.map { ["flags.env line 1: \($0)"] } ?? []))
        let third = FlagFile(text: "# one\n\n\(line.drop { $0 == "\u{FEFF}" })\n# end\n")
        #expect(third.settings.setting(.p2pTraining)?.mode == mode)
        #expect(third.alarms.map(\.line) == (alarm == nil ? [] : [3]))
    }

    @Test func theLastOfTwoLinesCounts() {
        let file = FlagFile(text: "RINGRIFT_IMPL=legacy\nRINGRIFT_IMPL=live\n")
        #expect(file.settings.setting(.loopLoop)?.mode == .live)
        #expect(
            file.alarms.map(\.description) == [
                "flags.env line 1: RINGRIFT_IMPL is set again further down, the last line counts"
            ])
    }

    @Test(arguments: ["", "a\n", "a", "\n\n", "é # \u{1F3B2}\nRINGRIFT_IMPL=legacy\r\n"])
    func whatIsNotEditedStays(_ text: String) {
        let expected = text.isEmpty || text.hasSuffix("\n") || text.hasSuffix("\r\n") ? text : text + "\n"
        #expect(FlagFile(text: text).bytes == Array(expected.utf8))
    }

    @Test func bytesThatAreNoUTF8Stay() {
        let bytes: [UInt8] = [0x23, 0xFF, 0xFE, 0x0A]
        let edited = FlagFile(bytes).applying(edit(.set(.all, .live)))
        #expect(edited.bytes.starts(with: bytes))
        #expect(edited.settings.setting(.loopLoop)?.mode == .live)
    }

    private func edit(_ change: FlagEdit.Change, was: Mode? = .swift, time: Double = 1_800_000_000.7) -> FlagEdit {
        FlagEdit(change, time: time, who: "anna at: home", reason: "3 mismatches:\nsee 12", was: was)
    }

    private let start = """
        # the operator's own
        RINGRIFT_IMPL=swift
          export RINGRIFT_IMPL_P2P='live'   # until Friday

        FOO=1
        """

    /// Change, text after it.
    @Test(
        arguments: [
            (
                .set(.program(.p2p), .shadow),
                """
                # the operator's own
                RINGRIFT_IMPL=swift
                # cutover: 2027-01-15T08:00:00Z set RINGRIFT_IMPL_P2P=shadow by anna_at_home was swift: 3 mismatches: see 12
                  export RINGRIFT_IMPL_P2P=shadow # until Friday

                FOO=1

                """
            ),
            (
                .unset(.program(.p2p)),
                """
                # the operator's own
                RINGRIFT_IMPL=swift
                # cutover: 2027-01-15T08:00:00Z unset RINGRIFT_IMPL_P2P= by anna_at_home was swift: 3 mismatches: see 12
                # until Friday

                FOO=1

                """
            ),
            (
                .demote(.loopConfig, to: .legacy),
                """
                # the operator's own
                RINGRIFT_IMPL=swift
                  export RINGRIFT_IMPL_P2P='live'   # until Friday

                FOO=1
                # cutover: 2027-01-15T08:00:00Z demotion RINGRIFT_IMPL_LOOP_CONFIG=legacy by anna_at_home was swift: 3 mismatches: see 12
                RINGRIFT_IMPL_LOOP_CONFIG=legacy

                """
            ),
            (
                .rollback(.all),
                """
                # the operator's own
                RINGRIFT_IMPL=swift
                  export RINGRIFT_IMPL_P2P='live'   # until Friday

                FOO=1
                # cutover: 2027-01-15T08:00:00Z rollback RINGRIFT_ROLLBACK=1 by anna_at_home was swift: 3 mismatches: see 12
                RINGRIFT_ROLLBACK=1

                """
            ),
        ] as [(FlagEdit.Change, String)])
    func edits(_ change: FlagEdit.Change, _ expected: String) {
        let edited = FlagFile(text: start).applying(edit(change))
        #expect(String(decoding: edited.bytes, as: UTF8.self) == expected)
        #expect(FlagFile(edited.bytes) == edited)
        #expect(edited.history.count == 1)
    }

    @Test func aDemotionNeverRaises() {
        for all in Mode.allCases {
            for own in [nil] + Mode.allCases.map(Optional.some) {
                for to in Mode.allCases {
                    let text = "RINGRIFT_IMPL=\(all)\n" + (own.map { "RINGRIFT_IMPL_P2P_TRAINING=\($0)\n" } ?? "")
                    let edited = FlagFile(text: text).applying(edit(.demote(.p2pTraining, to: to)))
                    #expect(edited.settings.setting(.p2pTraining)?.mode == min(own ?? all, to))
                }
            }
        }
    }

    @Test func aProgramsRollbackTakesTheSpecificOnesAlong() {
        let text = "RINGRIFT_IMPL=swift\nRINGRIFT_IMPL_P2P_TRAINING=live\nRINGRIFT_IMPL_LOOP_CONFIG=shadow\n"
        let edited = FlagFile(text: text).applying(edit(.rollback(.program(.p2p))))
        for subsystem in Program.p2p.subsystems { #expect(edited.settings.setting(subsystem)?.mode == .legacy) }
        #expect(edited.settings.setting(.loopConfig)?.mode == .shadow)
        #expect(edited.settings.setting(.loopLoop)?.mode == .swift)
        #expect(edited.history.count == 2)
    }

    @Test func releaseEndsTheRollback() {
        let file = FlagFile(text: start).applying(edit(.rollback(.all))).applying(edit(.release))
        #expect(file.settings.setting(.p2pTraining) == .init(mode: .live, variable: "RINGRIFT_IMPL_P2P"))
        #expect(file.history.map(\.action) == [.rollback, .release])
    }

    @Test func twoLinesOfANameBecomeOne() {
        let text = "RINGRIFT_IMPL=legacy\n# between\nRINGRIFT_IMPL=live\n# after\n"
        let edited = FlagFile(text: text).applying(edit(.set(.all, .shadow), was: nil))
        #expect(
            String(decoding: edited.bytes, as: UTF8.self)
                == "# between\n# cutover: 2027-01-15T08:00:00Z set RINGRIFT_IMPL=shadow by anna_at_home: 3 mismatches: see 12\n"
                + "RINGRIFT_IMPL=shadow\n# after\n")
        #expect(edited.alarms.isEmpty)
    }

    @Test(arguments: FlagNote.Action.allCases)
    func notesAreReadAsWritten(_ action: FlagNote.Action) {
        for was in [nil] + Mode.allCases.map(Optional.some) {
            for reason in ["", "p99 12.5 ms: over: 3", ": odd", "é \u{1F3B2}"] {
                let note = FlagNote(
                    time: 1_763_850_665, action: action, variable: "RINGRIFT_IMPL", value: "legacy", who: "root@a",
                    was: was, reason: reason)
                #expect(FlagNote(line: note.line) == note, "\(note.line)")
            }
        }
    }

    @Test(
        arguments: [
            "# cutover: yes", "# cutover:", "# cutover: 2026-02-30T00:00:00Z set A=b by c: d",
            "# cutover: 2026-02-03T00:00:00Z paint A=b by c: d",
            "# cutover: 2026-02-03T00:00:00Z set A=b by c was x: d",
            "# cutover: 2026-02-03T00:00:00Z set A by c: d", "# Cutover: 2026-02-03T00:00:00Z set A=b by c: d",
        ])
    func otherCommentsAreNoNotes(_ line: String) { #expect(FlagNote(line: line) == nil) }

    @Test func theNoteOfAnEditedLineIsNotItsOwn() {
        let file = FlagFile(text: "").applying(edit(.demote(.p2pTraining, to: .legacy)))
        let name = FlagName.target(.subsystem(.p2pTraining))
        #expect(file.note(name)?.action == .demotion)
        #expect(file.note(name)?.was == .swift)
        let byHand = String(decoding: file.bytes, as: UTF8.self).split(separator: "\n")
        #expect(FlagFile(text: byHand[0] + "\nRINGRIFT_IMPL_P2P_TRAINING=live\n").note(name) == nil)
    }

    @Test func historyIsBounded() {
        var file = FlagFile(text: start)
        for time in 1...50 {
            file = file.applying(edit(.set(.all, time % 2 == 0 ? .live : .swift), time: Double(time)))
        }
        #expect(file.history.map(\.time) == Array(31...50))
        #expect(file.settings.setting(.loopLoop)?.mode == .live)
        #expect(String(decoding: file.bytes, as: UTF8.self).hasPrefix("# the operator's own\n# cutover:"))
    }
}
