/// What a comparison needs beside its rules.
package struct ComparisonSettings: Sendable {
    /// The legacy's log lines, for the order within a task and for remarks; may be empty.
    package var logTemplates: LogTemplates
    package var headers: HeaderComparison
    package var pages: [PageStructure]
    /// Both sides run on the same virtual clock (`--deterministic`): times are values like any other.
    package var exactTimes: Bool

    package init(
        logTemplates: LogTemplates = LogTemplates(), headers: HeaderComparison = HeaderComparison(),
        pages: [PageStructure] = [], exactTimes: Bool = false
    ) {
        self.logTemplates = logTemplates
        self.headers = headers
        self.pages = pages
        self.exactTimes = exactTimes
    }

    /// What is declared for HTML of a route, `GET /dashboard`; nil: nothing, so that it is compared as any other text.
    package func page(of route: String) -> PageStructure? {
        pages.first { page in page.routes.contains { Glob.matches($0, route) } }
    }
}
