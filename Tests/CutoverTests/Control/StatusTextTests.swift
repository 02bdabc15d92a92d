import Testing

@testable import Cutover

@Suite struct StatusTextTests {
    private let ready = ComparisonFigures(
        samples: 240, mismatches: 0, races: 1, old: .init(p50: 18, p99: 41), new: .init(p50: 0.4, p99: 6),
        isReady: true,
        reason: "")
    private let short = ComparisonFigures(
        samples: 40, mismatches: 2, old: .init(p50: 18, p99: 41_000), new: .init(p50: 1, p99: 6), reason: "2 mismatches"
    )

    @Test func aTable() throws {
        let control = try ControlFixture(
            "RINGRIFT_IMPL_P2P_LEADERSHIP=shadow\nRINGRIFT_IMPL_P2P_OBSERVABILITY=live\nRINGRIFT_IMPL_P2P_NETWORK=legacy\n"
                + "RINGRIFT_IMPL_LOOP=legacy\n")
        let status = control.status(figures: [.p2pLeadership: ready, .p2pObservability: short])
        let lines = StatusText(colour: false).lines(status, address: "http://127.0.0.1:8770")
        #expect(lines.allSatisfy { $0.count <= 80 || $0.contains(control.scratch.path) })
        #expect(lines[0] == "node alpha at http://127.0.0.1:8770, pid 4711, up 2h")
        #expect(lines[1] == "standby warm: the worker is ready (pid 42)")
        let table = """
            p2p              mode   decided by      since samples diff   old ms   new ms rdy
             resource        swift  default            2h       -    -        -        - -
             network         legacy file               2h       -    -        -        - no
             leadership      shadow file               2h     240    0    18/41  0.4/6.0 yes
             data_sync       swift  default            2h       -    -        -        - -
             scheduling      swift  default            2h       -    -        -        - -
             selfplay        swift  default            2h       -    -        -        - -
             training        swift  default            2h       -    -        -        - -
             tournament      swift  default            2h       -    -        -        - -
             observability   live   file               2h      40    2   18/41s  1.0/6.0 no
             orchestrator    swift  default            2h       -    -        -        - -
            loop             mode   decided by      since samples diff   old ms   new ms rdy
             config          legacy file program        -       -    -        -        - no
            """
        let start = try #require(lines.firstIndex { $0.hasPrefix("p2p ") })
        #expect(lines[start...].prefix(13).joined(separator: "\n") == table)
        #expect(
            lines.suffix(2) == ["not yet: no samples: loop, p2p.network", "not yet: 2 mismatches: p2p.observability"])
    }

    @Test func whatWaitsAndWhatIsWrong() throws {
        let control = try ControlFixture("RINGRIFT_ROLLBACK=1\nRINGRIFT_IMPL_P2P=new\n")
        let status = control.status(serving: [:], standby: .init(kind: "cold", .starting))
        let lines = StatusText(colour: false).lines(status, address: "http://127.0.0.1:8770")
        #expect(lines.allSatisfy { $0.count <= 80 || $0.contains(control.scratch.path) })
        #expect(lines.contains("ROLLED BACK: everything is legacy until `ringrift cutover release`"))
        #expect(lines.contains { $0.hasPrefix("alarm: flags.env line 2: RINGRIFT_IMPL_P2P=new: unknown value") })
        #expect(lines.contains { $0.hasPrefix("not in force yet: legacy for p2p.resource (swift serves)") })
    }

    /// Colour is in the mode's cell only, and changes no column.
    @Test func colour() throws {
        let control = try ControlFixture("RINGRIFT_IMPL_P2P_LEADERSHIP=legacy\n")
        let plain = StatusText(colour: false).lines(control.status(), address: "x")
        let painted = StatusText(colour: true).lines(control.status(), address: "x")
        #expect(painted.contains { $0.contains("\u{1B}[33mlegacy\u{1B}[0m") })
        let stripped = painted.map { $0.replacing(/\u{1B}\[[0-9]+m/, with: "") }
        #expect(stripped == plain)
    }

    @Test func history() throws {
        let long = String(repeating: "because ", count: 20)
        let file = FlagFile()
            .applying(FlagEdit(.set(.subsystem(.p2pTraining), .live), time: 100, who: "anna", reason: "", was: .shadow))
            .applying(FlagEdit(.rollback(.all), time: 200, who: "otto", reason: "3 a.m."))
            .applying(FlagEdit(.release, time: 300, who: "otto", reason: long))
            .applying(FlagEdit(.unset(.program(.loop)), time: 400, who: "anna", reason: ""))
        let lines = HistoryText().lines(file.history)
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(
            lines.prefix(4) == [
                "1970-01-01T00:01:40Z set      p2p.training: shadow -> live by anna",
                "1970-01-01T00:03:20Z rollback RINGRIFT_ROLLBACK=1 by otto", "    3 a.m.",
                "1970-01-01T00:05:00Z release  RINGRIFT_ROLLBACK taken out by otto",
            ])
        #expect(lines.last == "1970-01-01T00:06:40Z unset    loop: taken out by anna")
        #expect(lines[4].hasPrefix("    because because"))
        #expect(HistoryText().lines([]) == ["no change has been noted"])
    }
}
