import PythonSemantics
import Testing

@testable import Comparison

@Suite struct AnswerTests {
    static func answer(
        _ status: Int = 200, _ body: String = "{\"a\": 1}", type: String = "application/json; charset=utf-8",
        length: Int? = nil, more: [(name: String, value: String)] = []
    ) -> AnswerObservation {
        AnswerObservation(
            status: status,
            headers: [("Content-Type", type), ("Content-Length", String(length ?? body.utf8.count))] + more,
            body: .text(body))
    }

    private func found(
        _ references: [AnswerObservation], _ candidate: AnswerObservation, route: String = "GET /x"
    ) -> [String] {
        var comparer = Comparer(scope: ComparisonScope(scenario: "s", step: "1", route: route))
        comparer.compare(answer: candidate, references: references)
        return comparer.take().differences.map { "\($0.path) \($0.kind.rawValue)" }
    }

    @Test func equalAnswers() {
        #expect(found([Self.answer(), Self.answer()], Self.answer()).isEmpty)
    }

    @Test func statusHeadersAndBody() {
        #expect(found([Self.answer()], Self.answer(201)) == ["/status value"])
        #expect(found([Self.answer()], Self.answer(type: "application/json")) == ["/header/Content-Type value"])
        #expect(found([Self.answer()], Self.answer(more: [("Connection", "close")])) == ["/header/Connection type"])
        #expect(
            found([Self.answer(more: [("Allow", "GET,HEAD")])], Self.answer(more: [("Allow", "HEAD,GET")]))
                == ["/header/Allow value"])
        #expect(found([Self.answer(more: [("Location", "/dashboard")])], Self.answer()) == ["/header/Location type"])
        #expect(found([Self.answer()], Self.answer(200, "{\"a\": 2}")) == ["/body/a value"])
        #expect(found([Self.answer()], Self.answer(200, "[1, 2, 3]", length: 8)) == ["/body type"])
    }

    @Test func otherBytesOfTheSameValueDiffer() {
        #expect(
            found([Self.answer()], Self.answer(200, "{\"a\":1}")) == ["/body bytes", "/header/Content-Length value"])
        // Also where the values are noise: the recordings are in Python's form, so the candidate's must be.
        let noisy = [Self.answer(200, "{\"a\": 1.25}"), Self.answer(200, "{\"a\": 1.5}")]
        #expect(found(noisy, Self.answer(200, "{\"a\": 7.5}")).isEmpty)
        #expect(found(noisy, Self.answer(200, "{\"a\": 7.50}")) == ["/body bytes"])
        #expect(
            found([Self.answer(200, "{\"a\": \"\\u00e9\"}")], Self.answer(200, "{\"a\": \"é\"}", length: 15))
                == ["/body bytes"])
    }

    @Test func lengthIsExactWhereBodiesAgreeOnly() {
        let noisy = [Self.answer(200, "{\"a\": 1.25}"), Self.answer(200, "{\"a\": 1.75}")]
        #expect(found(noisy, Self.answer(200, "{\"a\": 7.5}")).isEmpty)
        let head = [Self.answer(200, "", length: 400), Self.answer(200, "", length: 400)]
        #expect(found(head, Self.answer(200, "", length: 399), route: "HEAD /status").isEmpty)
        let plain = Self.answer(404, "", type: "text/plain; charset=utf-8", length: 14)
        #expect(
            found([plain], Self.answer(404, "", type: "text/plain; charset=utf-8", length: 9), route: "HEAD /x")
                == ["/header/Content-Length value"])
    }

    @Test func lengthFollowsABodyThatARuleAccepts() {
        let rule = Rule(
            name: "r", paths: [PathPattern("/body/a")].compactMap { $0 }, acceptance: .tolerance(0.02), reason: "",
            owner: "",
            expires: "9999-12-31")
        func kinds(_ candidate: AnswerObservation) -> [String] {
            var comparer = Comparer(scope: ComparisonScope(scenario: "s", step: "1"), rules: RuleBook([rule]))
            comparer.compare(answer: candidate, references: [Self.answer(200, "{\"a\": 0.0}")])
            return comparer.take().differences.map { "\($0.path) \($0.kind.rawValue)" }
        }
        #expect(kinds(Self.answer(200, "{\"a\": 0.01}")).isEmpty)
        #expect(kinds(Self.answer(200, "{\"a\": 0.01}", length: 10)) == ["/header/Content-Length value"])
        #expect(kinds(Self.answer(200, "{\"a\": 0.0}", length: 11)) == ["/header/Content-Length value"])
    }

    @Test func textIsComparedLineByLine() {
        let text = Self.answer(200, "up 1\nfor 5 s\n", type: "text/plain; charset=utf-8")
        let other = Self.answer(200, "up 1\nfor 6 s\n", type: "text/plain; charset=utf-8")
        let mine = Self.answer(200, "up 2\nfor 9 s\n", type: "text/plain; charset=utf-8")
        #expect(found([text, other], mine) == ["/body/0 value"])
    }

    @Test func errorsAreCompared() {
        let lost = AnswerObservation(error: "RemoteDisconnected: Remote end closed connection without response")
        #expect(found([Self.answer()], lost) == ["/error type"])
        #expect(found([lost], Self.answer()).contains("/error type"))
        #expect(found([lost], lost).isEmpty)
    }

    @Test func htmlIsComparedByStatusAndTypeOnly() {
        let page = Self.answer(200, "<p>a</p>", type: "text/html; charset=utf-8")
        #expect(found([page], Self.answer(200, "<p>another</p>", type: "text/html; charset=utf-8")).isEmpty)
        #expect(found([page], Self.answer(200, "x", type: "text/plain")).contains("/header/Content-Type value"))
    }
}
