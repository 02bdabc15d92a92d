import PythonSemantics
import Testing

@testable import Comparison

/// What references that differ among themselves still demand of a candidate. Each class is seen to let a value of its
/// own kind pass and to stop another.
@Suite struct NoiseTests {
    private func found(_ references: [String], _ candidate: String, clocks: ClockPair? = nil) throws -> [String] {
        var comparer = Comparer(scope: ComparisonScope(scenario: "s"))
        comparer.clocks = clocks
        let documents = try references.map { try #require(ParityText.parse($0)) }
        comparer.documents = documents
        comparer.compare(
            ValuePath(["body"]), references: documents, candidate: try #require(ParityText.parse(candidate)))
        return comparer.take().differences.map { "\($0.path) \($0.kind.rawValue)" }
    }

    static let rows: [(references: [String], candidate: String, found: [String])] = [
        // A number stays near what was seen, and on its side of zero.
        (["{\"n\": 8}", "{\"n\": 9}"], "{\"n\": 14}", []),
        (["{\"n\": 8}", "{\"n\": 9}"], "{\"n\": 90}", ["/body/n value"]),
        (["{\"n\": 8}", "{\"n\": 9}"], "{\"n\": -1}", ["/body/n value"]),
        (["{\"pid\": 400}", "{\"pid\": 9000}"], "{\"pid\": 77123}", []),
        (["{\"pid\": 400}", "{\"pid\": 9000}"], "{\"pid\": 0}", ["/body/pid value"]),
        (["{\"cpu_percent\": 4.5}", "{\"cpu_percent\": 9.5}"], "{\"cpu_percent\": 99.0}", []),
        (
            ["{\"cpu_percent\": 4.5}", "{\"cpu_percent\": 9.5}"], "{\"cpu_percent\": 101.0}",
            ["/body/cpu_percent value"]
        ),
        // A text keeps its words; ids keep their form.
        (
            ["\"7f9c24e8-3b12-4fef-91e0-a14e2d5c7d10\"", "\"1f9c24e8-3b12-4fef-91e0-a14e2d5c7d11\""],
            "\"bcfb3f75-abcd-4866-bcdd-7c2b536ca0f2\"", []
        ),
        (
            ["\"7f9c24e8-3b12-4fef-91e0-a14e2d5c7d10\"", "\"1f9c24e8-3b12-4fef-91e0-a14e2d5c7d11\""],
            "\"bcfb3f75abcd4866bcdd7c2b536ca0f2\"", ["/body text"]
        ),
        (["\"Job 98447b47 started\"", "\"Job 7a4073de started\""], "\"Job ce724e88 started\"", []),
        (["\"Job 98447b47 started\"", "\"Job 7a4073de started\""], "\"Job ce724e88 stopped\"", ["/body text"]),
        (["\"Job 98447b47 started\"", "\"Job 7a4073de started\""], "\"Job ce724e started\"", ["/body text"]),
        (["\"in 5 of 9\"", "\"in 6 of 9\""], "\"in 7 of 9\"", []),
        (["\"in 5 of 9\"", "\"in 6 of 9\""], "\"in 7 of 8\"", ["/body text"]),
        (["\"took 30ms\"", "\"took 35ms\""], "\"took 900ms\"", []),
        (["\"took 30ms\"", "\"took 35ms\""], "\"took 90000ms\"", ["/body text"]),
        // Different words: one of those seen somewhere in the answers.
        (["[\"a\", \"x\"]", "[\"b\", \"x\"]"], "[\"b\", \"x\"]", []),
        (["[\"a\", \"x\"]", "[\"b\", \"x\"]"], "[\"c\", \"x\"]", ["/body/0 text"]),
        // A list of varying length: how long, and what its elements are.
        (["[1]", "[1, 2]"], "[1, 2, 3]", []), (["[1]", "[1, 2]"], "[1, 2, 3, 4, 5, 6]", ["/body length"]),
        (
            ["[{\"a\": 1}]", "[{\"a\": 1}, {\"a\": 2}]"], "[{\"a\": 3}, {\"b\": 1}]",
            ["/body/1/a missing", "/body/1/b extra"]
        ),
        (["[{\"a\": 1}]", "[{\"a\": 1}, {\"a\": 2}]"], "[{\"a\": \"3\"}]", ["/body/0/a type"]),
        // Ids as keys: as many of them, their values one by one.
        (["{\"job_98447b47\": 1}", "{\"job_7a4073de\": 1}"], "{\"job_ce724e88\": 1}", []),
        (["{\"job_98447b47\": 1}", "{\"job_7a4073de\": 1}"], "{\"job_ce724e88\": 2}", ["/body/job_ce724e88 value"]),
        (["{\"job_98447b47\": 1}", "{\"job_7a4073de\": 1}"], "{}", ["/body/job_98447b47 missing"]),
        (
            ["{\"job_98447b47\": 1}", "{\"job_7a4073de\": 1}"], "{\"job_ce724e88\": 1, \"task\": 1}",
            ["/body/task extra"]
        ),
        // One of several types, and then like those of that type.
        (["{\"t\": 1}", "{\"t\": null}"], "{\"t\": 2}", []),
        (["{\"t\": 1}", "{\"t\": null}"], "{\"t\": 200}", ["/body/t value"]),
    ]

    @Test(arguments: rows.indices) func row(_ index: Int) throws {
        let row = Self.rows[index]
        #expect(try found(row.references, row.candidate) == row.found, "\(row.references) \(row.candidate)")
    }

    /// References that ran an hour apart, 20 s into their runs; the candidate a day later.
    private static let clocks = ClockPair(
        candidate: RunMoment(now: 1_795_440_020, start: 1_795_440_000),
        references: [
            RunMoment(now: 1_795_357_320, start: 1_795_357_300), RunMoment(now: 1_795_360_920, start: 1_795_360_900),
        ])

    static let times: [(references: [String], candidate: String, equal: Bool)] = [
        (["1795357319.5", "1795360919.25"], "1795440018.75", true),
        // Of yesterday, of tomorrow, of the run's start: not the moment the references show.
        (["1795357319.5", "1795360919.25"], "1795357319.5", false),
        (["1795357319.5", "1795360919.25"], "1795526420.5", false),
        (["1795357319.5", "1795360919.25"], "1795440100.5", false),
        (["1795357319500", "1795360919250"], "1795440018750", true),
        (["1795357319500", "1795360919250"], "1795443618750", false),
        (["\"2026-11-22T14:21:59.250000\"", "\"2026-11-22T15:21:59.500000\""], "\"2026-11-23T13:20:19.000001\"", true),
        (
            ["\"2026-11-22T14:21:59.250000\"", "\"2026-11-22T15:21:59.500000\""], "\"2026-11-23T14:20:19.000001\"",
            false
        ),
        (
            ["\"2026-11-22T14:21:59.250000\"", "\"2026-11-22T15:21:59.500000\""], "\"2026-13-23T13:20:19.000001\"",
            false
        ),
        (
            ["\"2026-11-22T14:21:59.250000\"", "\"2026-11-22T15:21:59.500000\""], "\"2026-11-23 13:20:19.000001\"",
            false
        ),
        // A date on which all references agree is that of their day; a date of long ago is a value.
        (["\"made 2026-11-22\"", "\"made 2026-11-22\""], "\"made 2026-11-23\"", true),
        (["\"made 2020-11-22\"", "\"made 2020-11-22\""], "\"made 2026-11-23\"", false),
    ]

    /// Seconds since the node's start, 2 s before the log's first line: seen at 20 s of the run, asked at 50 s.
    @Test(arguments: [
        (52.0, 0.0, true), (49.75, 0, true), (48.5, 0, false), (56, 0, false), (56, 5, true), (62, 5, false),
        (90, 5, false),
    ])
    func age(_ value: Double, delay: Double, equal: Bool) throws {
        var clocks = Self.clocks
        clocks.candidate.now = clocks.candidate.start + 50
        clocks.delay = delay
        #expect(try found(["22.0", "22.25"], "\(value)", clocks: clocks).isEmpty == equal)
        // What is as old at another moment of its run is no age: it does not grow with the time.
        clocks.references[1].now += 25
        #expect(try !found(["22.0", "22.25"], "90.5", clocks: clocks).isEmpty)
    }

    /// A moment of the run comes as much later as the node took longer to start.
    @Test(arguments: [(0.0, false), (15, true)]) func slowStart(_ delay: Double, equal: Bool) throws {
        var clocks = Self.clocks
        clocks.delay = delay
        #expect(try found(["1795357305.5", "1795360905.75"], "1795439978.5", clocks: clocks).isEmpty == equal)
    }

    @Test(arguments: times.indices) func time(_ index: Int) throws {
        let row = Self.times[index]
        #expect(try found(row.references, row.candidate, clocks: Self.clocks).isEmpty == row.equal, "\(row)")
    }

    @Test func onAVirtualClockTimesAreExact() throws {
        var clocks = Self.clocks
        clocks.references = [clocks.references[0], clocks.references[0]]
        let same = ["1795357319", "1795357319"]
        #expect(try found(same, "1795440019", clocks: clocks).isEmpty)
        clocks.exactTimes = true
        #expect(try found(same, "1795440019", clocks: clocks) == ["/body value"])
    }

    static let stamps: [(text: String, seconds: Double?)] = [
        ("1970-01-02", 86400), ("2026-11-22 14:21:54,409", 1_795_357_314.409), ("20261122_142154", 1_795_357_314),
        ("22/Nov/2026:15:21:54 +0100", 1_795_357_314), ("Sun Nov 22 14:21:54 2026", 1_795_357_314),
        ("2026-02-32", nil), ("2026-11-22 25:00:00", nil),
    ]

    @Test(arguments: stamps.indices) func stamp(_ index: Int) {
        let row = Self.stamps[index]
        let seconds = TimeStamp(row.text)?.seconds
        #expect(seconds.map { ($0 * 1000).rounded() } == row.seconds.map { ($0 * 1000).rounded() })
    }
}
