import Comparison
import Foundation
import FoundationXML
import PythonSemantics
import Testing

@testable import ParityHarness

@Suite struct JUnitTests {
    /// Elements of a document, read by Foundation's parser: name, attributes, text.
    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [(name: String, attributes: [String: String], text: String)] = []
        private var open: [Int] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            open.append(elements.count)
            elements.append((name, attributes, ""))
        }

        func parser(
            _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
        ) { open.removeLast() }

        func parser(_ parser: XMLParser, foundCharacters text: String) {
            if let last = open.last { elements[last].text += text }
        }

        func named(_ name: String) -> [(name: String, attributes: [String: String], text: String)] {
            elements.filter { $0.name == name }
        }
    }

    private func read(_ report: ParityReport) throws -> Reader {
        let parser = XMLParser(data: Data(JUnitReport.text(report).utf8))
        let reader = Reader()
        parser.delegate = reader
        try #require(parser.parse(), "\(parser.parserError.map(String.init(describing:)) ?? "")")
        return reader
    }

    @Test func aSuiteForEachScenarioAndACaseForEachCheck() throws {
        var report = try ReportSamples.report(complaints: [("a-rule", "expired on 2020-01-01")]) { run in
            ReportSamples.setBody(&run, "GET /status", ReportSamples.with("role", "emperor"))
        }
        var skipped = ParityReport.ScenarioResult(name: "later")
        skipped.skipped = "no Python"
        var broken = ParityReport.ScenarioResult(name: "broken")
        broken.error = "the node ended"
        report.scenarios += [skipped, broken]
        let reader = try read(report)
        #expect(
            reader.named("testsuite").map { $0.attributes["name"] } == ["slice-membership", "later", "broken", "rules"])
        #expect(reader.named("testcase").count == report.scenarios[0].checks.count + 3)
        #expect(reader.named("failure").count == 2 && reader.named("error").count == 1)
        #expect(reader.named("skipped").map { $0.attributes["message"] } == ["no Python"])
        #expect(reader.elements[0].attributes["failures"] == "2" && reader.elements[0].attributes["errors"] == "1")
        let failure = try #require(reader.named("failure").first)
        let id = try #require(report.scenarios[0].evidence.values.first?.id)
        #expect(failure.text.contains("/body/role (value)") && failure.text.contains("\"emperor\""))
        #expect(failure.text.contains("ringrift parity repro \(id)"))
        #expect(reader.named("testcase").contains { $0.attributes["classname"] == "p2p.observability/GET /status" })
        #expect(reader.named("testcase").contains { $0.attributes["classname"] == "run/state" })
    }

    /// What XML 1.0 cannot hold, and what would be markup.
    @Test func whatANodeSaysIsText() throws {
        let hostile = "a\u{0}\u{1B}[31m\u{FFFE}]]></failure><error message=\"x\">&amp;\"'\u{202E}\n\t\r"
        let report = try ReportSamples.report { run in
            run.log?.append(hostile + "\n")
            run.spawned.append(SpawnedObservation(argv: [hostile], cwd: hostile, environment: [hostile: hostile]))
            ReportSamples.setBody(&run, "GET /status") { _ in hostile }
        }
        let reader = try read(report)
        #expect(reader.named("failure").count == 3 && reader.named("error").isEmpty)
        #expect(reader.named("failure").contains { $0.text.contains("</failure><error message=\"x\">&amp;") })
        #expect(reader.named("failure").contains { $0.text.contains("\\x1b[31m") })
    }
}
