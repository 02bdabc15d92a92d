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

    // MARK: Pages

    private static func page(_ text: String, length: Int? = nil) -> AnswerObservation {
        answer(200, text, type: "text/html; charset=utf-8", length: length)
    }

    private func found(
        _ references: [AnswerObservation], _ candidate: AnswerObservation, _ declared: String,
        route: String = "GET /x"
    ) throws -> (differences: [String], remarks: Int, ignored: Int) {
        let file = try AnswerFile(declared, name: "f")
        let settings = ComparisonSettings(headers: file.headers, pages: file.pages)
        var comparer = Comparer(scope: ComparisonScope(scenario: "s", step: "1", route: route))
        comparer.compare(
            answer: PreparedAnswer(candidate), references: references.map(PreparedAnswer.init),
            page: settings.page(of: route), headers: settings.headers)
        let found = comparer.take()
        return (
            found.differences.map { "\($0.path) \($0.kind.rawValue)" }, comparer.remarks.count, found.tally.ignored
        )
    }

    private static let declared = """
        headers: [{names: Content-Length, compare: length}]
        pages:
        - {routes: [GET /x, HEAD /x], title: 'My *', elements: [table], reason: r}
        - {routes: GET /text, text: '<p>*</p>', reason: r}
        """

    @Test func htmlOfNoDeclaredStructureIsText() {
        let page = Self.page("<p>a</p>")
        #expect(found([page], Self.page("<p>a</p>")).isEmpty)
        #expect(found([page], Self.page("<p>b</p>")) == ["/body/0 value"])
        #expect(found([page], Self.answer(200, "x", type: "text/plain")).contains("/header/Content-Type value"))
        // A recording without the text of the page has nothing to compare with.
        let unrecorded = Self.page("<html of 61426 characters>", length: 61459)
        #expect(found([unrecorded], Self.page("<p>b</p>")).isEmpty)
    }

    @Test func htmlIsComparedByWhatIsDeclared() throws {
        let theirs = [Self.page("<html of 61426 characters>", length: 61459)]
        let good = "<title>My page</title><table></table>"
        #expect(try found(theirs, Self.page(good), Self.declared).differences.isEmpty)
        #expect(try found(theirs, Self.page("<table></table>"), Self.declared).differences == ["/page/title missing"])
        #expect(
            try found(theirs, Self.page("<title>My</title>"), Self.declared).differences
                == ["/page/title missing", "/page/element/table missing"])
        #expect(
            try found([Self.page("<p>a</p>")], Self.page("<p>b</p>"), Self.declared, route: "GET /text").differences
                == [])
        #expect(
            try found([Self.page("<p>a</p>")], Self.page("<b>b</b>"), Self.declared, route: "GET /text").differences
                == ["/page/text missing"])
    }

    @Test func aPageThatWasNotRecordedIsNoPage() throws {
        let theirs = [Self.page("<html of 61426 characters>", length: 61459)]
        let kept = try found(theirs, theirs[0], Self.declared)
        #expect(kept.differences.isEmpty && kept.remarks == 1)
        // What a recorder writes is no way out for a node.
        let pretended = try found(theirs, Self.page("<html of 61426 characters>"), Self.declared)
        #expect(pretended.differences == ["/page/title missing", "/page/element/table missing"])
        let head = try found([Self.page("", length: 9)], Self.page("", length: 7), Self.declared, route: "HEAD /x")
        #expect(head.differences.isEmpty && head.remarks == 0)
    }

    // MARK: Headers

    private static let manners: [(entries: String, value: String?, differences: [String])] = [
        ("", "/b", ["/header/Location value"]), ("", nil, ["/header/Location type"]), ("", "/a", []),
        ("{names: 'LOC*', compare: presence, reason: r}", "/b", []),
        ("{names: location, compare: presence, reason: r}", nil, ["/header/Location type"]),
        ("{names: Location, compare: never, reason: r}", nil, []),
        (
            "{names: Location, compare: value}, {names: '*', compare: never, reason: r}", "/b",
            ["/header/Location value"]
        ),
        ("{names: [Pragma, Location], compare: never, reason: r}, {names: '*', compare: value}", "/b", []),
    ]

    @Test(arguments: manners.indices) func headersAreComparedAsDeclared(_ index: Int) throws {
        let (entries, value, differences) = Self.manners[index]
        let mine = Self.answer(more: value.map { [("Location", $0)] } ?? [])
        let declared = "pages: []\nheaders: [{names: Content-Length, compare: length}, \(entries)]"
        let found = try found([Self.answer(more: [("Location", "/a")])], mine, declared)
        #expect(found.differences == differences, "\(entries)")
        let never = entries.contains("Location, compare: never") || entries.contains("Location], compare: never")
        #expect((found.ignored > 0) == (never || entries.contains("'*', compare: never")), "\(entries)")
    }

    @Test func aLengthThatIsAValueIsComparedAsOne() throws {
        let noisy = [Self.answer(200, "{\"a\": 1.25}"), Self.answer(200, "{\"a\": 1.75}")]
        let mine = Self.answer(200, "{\"a\": 7.5}")
        let asValue = "pages: []\nheaders: [{names: '*', compare: value}]"
        #expect(try found(noisy, mine, asValue).differences == ["/header/Content-Length value"])
        #expect(try found(noisy, mine, Self.declared).differences.isEmpty)
    }

    static let refused: [(text: String, says: String)] = [
        ("headers: []", "f: 'pages' is missing"), ("pages: []", "f: 'headers' is missing"),
        ("[]", "f: expected 'headers' and 'pages'"), ("headers: []\npages: []\nrules: []", "f: unknown field 'rules'"),
        ("headers: {}\npages: []", "f: 'headers' is no list of mappings"),
        ("pages: []\nheaders: [{compare: value}]", "f: headers 1: 'names' is missing"),
        ("pages: []\nheaders: [{names: [1], compare: value}]", "f: headers 1: 'names' is no list of texts"),
        ("pages: []\nheaders: [{names: A}]", "f: headers 1: compare '' is none of value, presence, length, never"),
        ("pages: []\nheaders: [{names: A, compare: never}]", "f: headers 1: 'reason' is missing, 'never' loosens"),
        ("pages: []\nheaders: [{names: A, compare: length}]", "f: headers 1: 'length' is for Content-Length alone"),
        ("pages: []\nheaders: [{names: A, compare: value, why: x}]", "f: headers 1: unknown field 'why'"),
        ("headers: []\npages: [{title: x, reason: r}]", "f: pages 1: 'routes' is missing"),
        ("headers: []\npages: [{routes: GET /, title: 1, reason: r}]", "f: pages 1: 'title' is no text"),
        ("headers: []\npages: [{routes: GET /, title: x}]", "f: pages 1: 'reason' is missing"),
        (
            "headers: []\npages: [{routes: GET /, reason: r}]",
            "f: pages 1: none of title, text, ids, links, elements is there"
        ),
    ]

    @Test(arguments: refused.indices) func refuses(_ index: Int) {
        let (text, says) = Self.refused[index]
        #expect(throws: RuleFileError(says)) { try AnswerFile(text, name: "f") }
    }
}
