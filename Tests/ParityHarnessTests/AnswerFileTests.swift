import Comparison
import Foundation
import Testing

@testable import ParityHarness

/// `parity/answers.yaml` against what the legacy was seen to answer.
@Suite struct AnswerFileTests {
    private static let path = ProjectFiles.parity + "/answers.yaml"

    private static func settings() throws -> ComparisonSettings {
        try ParityInputs.settings(answers: path, exactTimes: false)
    }

    /// Recordings of the project and the public ones, where this machine has them.
    private static let takes: [String] = {
        [ProjectFiles.parity + "/recordings", FailureLab.published + "/legacy"].flatMap { folder in
            ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).map { folder + "/" + $0 }
        }
    }()

    private static func answers() throws -> [StepObservation] {
        try takes.flatMap { take in
            try CompareCommand.scenarios(in: take).flatMap {
                try RecordingReader.read(prefix: "\(take)/\($0)").steps
            }
        }
    }

    @Test func everyPageOfTheLegacyIsDeclared() throws {
        let settings = try Self.settings()
        let pages = try Self.answers().filter { $0.answer.header("Content-Type")?.hasPrefix("text/html") ?? false }
        let routes = Set(pages.map(\.route))
        #expect(routes == ["GET /dashboard", "HEAD /dashboard", "GET /api/cluster/status"])
        for route in routes { #expect(settings.page(of: route) != nil, "\(route) is not declared") }
        #expect(settings.pages.count == 2)
    }

    @Test func thePageOfTheBundledLegacyIsAsDeclared() throws {
        let tree = (ProjectFiles.parity as NSString).deletingLastPathComponent + "/Legacy/ai-service"
        let file = try #require(
            FileManager.default.contents(atPath: tree + "/scripts/dashboard_assets/dashboard.html"))
        let html = String(decoding: file, as: UTF8.self)
        func differences(_ html: String) throws -> [String] {
            func run(_ text: String) -> RunObservation {
                RunObservation(
                    scenario: "s",
                    steps: [
                        StepObservation(
                            id: "1", method: "GET", path: "/dashboard",
                            answer: AnswerObservation(
                                status: 200,
                                headers: [("Content-Type", "text/html"), ("Content-Length", "\(text.utf8.count)")],
                                body: .text(text)))
                    ])
            }
            var comparison = RunComparison(rules: RuleBook(), settings: try Self.settings())
            return comparison.compare(run(html), references: [run("<b>another page</b>")], selection: RunSelection())
                .flatMap(\.differences).map { "\($0.path)" }
        }
        #expect(try differences(html) == [])
        #expect(try differences(html.replacing("<table", with: "<div")) == ["/page/element/table"])
        #expect(try differences(html.replacing("<title>", with: "<title>Not ")) == ["/page/title"])
    }

    @Test func headersThatTheLegacySendsAreComparedByValue() throws {
        let headers = try Self.settings().headers
        let names = Set(try Self.answers().flatMap { $0.answer.headers.map(\.name) })
        #expect(names.isSuperset(of: ["Content-Type", "Location", "Allow", "X-RingRift-Node-Id"]))
        for name in names {
            #expect(headers.manner(of: name) == (name == "Content-Length" ? .length : .value), "\(name)")
        }
        #expect(headers.manner(of: "Date") == .never && headers.manner(of: "X-New") == .value)
    }

    @Test func withoutTheFileEverythingIsCompared() throws {
        let bare = try ParityInputs.settings(answers: "/nowhere", exactTimes: false)
        #expect(bare.pages.isEmpty && bare.headers.manner(of: "Location") == .value)
        #expect(bare.headers.manner(of: "content-length") == .length)
        let named = try ParityOptions(["--answers", "/nowhere"], table: ParityOptions.common)
        #expect(throws: ParityError("/nowhere: cannot be read")) { try ParityInputs.settings(named) }
    }
}
