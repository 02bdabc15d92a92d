import Testing

@testable import Cutover

@Suite struct CutoverMetricsTests {
    private func text(_ flags: String, _ figures: [Subsystem: ComparisonFigures] = [:]) throws -> String {
        CutoverMetrics(try ControlFixture(flags).status(figures: figures)).text
    }

    @Test func samples() throws {
        let figures = ComparisonFigures(
            samples: 240, mismatches: 1, races: 0, notCompared: [.init(reason: "a \"b\"\\\n", count: 7)],
            old: .init(p50: 18, p99: 41), new: .init(p50: 1.5), isReady: true, reason: "")
        let lines = Set(
            try text("RINGRIFT_IMPL_P2P_LEADERSHIP=shadow\nnonsense\n", [.p2pLeadership: figures]).split(
                separator: "\n"
            )
            .map(String.init))
        for line in [
            #"ringrift_cutover_mode{subsystem="p2p.leadership"} 1"#, #"ringrift_cutover_mode{subsystem="loop.loop"} 3"#,
            #"ringrift_cutover_samples_total{subsystem="p2p.leadership"} 240"#,
            #"ringrift_cutover_mismatches_total{subsystem="p2p.leadership"} 1"#,
            #"ringrift_cutover_not_compared_total{subsystem="p2p.leadership",reason="a \"b\"\\\n"} 7"#,
            #"ringrift_cutover_latency_seconds{subsystem="p2p.leadership",side="old",quantile="0.99"} 0.041"#,
            #"ringrift_cutover_latency_seconds{subsystem="p2p.leadership",side="new",quantile="0.5"} 0.0015"#,
            #"ringrift_cutover_ready{subsystem="p2p.leadership"} 1"#,
            #"ringrift_cutover_ready{subsystem="p2p.network"} 0"#,
            #"ringrift_cutover_worker{standby="warm",state="ready"} 1"#,
            #"ringrift_cutover_worker{standby="warm",state="waiting"} 0"#, "ringrift_cutover_alarms 1",
            "ringrift_cutover_flags_held 0", "ringrift_cutover_rolled_back 0", "ringrift_cutover_changing 0",
            #"ringrift_cutover_requests_total{subsystem="p2p.network",side="legacy"} 0"#,
        ] { #expect(lines.contains(line), "\(line)") }
        // What nobody has measured has no line, and a quantile nobody knows neither.
        #expect(!lines.contains { $0.contains("samples_total{subsystem=\"p2p.network\"") })
        #expect(!lines.contains { $0.contains("side=\"new\",quantile=\"0.99\"") })
    }

    /// The text form's own rules: every sample behind HELP and TYPE of its family, no family twice, no sample twice.
    @Test func form() throws {
        let sample = /^([a-z_]+)(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9]+(\.[0-9]+(e-?[0-9]+)?)?$/
        var family = ""
        var seen: Set<String> = []
        var names: Set<String> = []
        let text = try text("RINGRIFT_ROLLBACK=1\n")
        #expect(text.hasSuffix("\n"))
        for line in text.split(separator: "\n").map(String.init) {
            if line.hasPrefix("# HELP ") {
                family = String(line.split(separator: " ")[2])
                #expect(names.insert(family).inserted)
            } else if line.hasPrefix("# TYPE ") {
                #expect(line == "# TYPE \(family) gauge" || line == "# TYPE \(family) counter")
                #expect(line.hasSuffix("counter") == family.hasSuffix("_total"), "\(line)")
            } else {
                let match = try #require(line.wholeMatch(of: sample), "\(line)")
                #expect(String(match.output.1) == family)
                #expect(seen.insert(String(line.prefix { $0 != " " })).inserted, "\(line)")
            }
        }
        #expect(text.contains("ringrift_cutover_rolled_back 1\n"))
    }
}
