/// `GET /cutover`: the status as one page without anything from elsewhere. The table is there without JavaScript; with it
/// the page fetches itself every two seconds.
package struct CutoverPage: Sendable {
    private let status: CutoverStatus
    private let history: [FlagNote]

    /// - Parameter history: the newest last.
    package init(_ status: CutoverStatus, history: [FlagNote]) {
        self.status = status
        self.history = history
    }

    /// So many changes are shown.
    private static let changes = 12

    package var html: String {
        let node = status.node.map { Self.escaped($0.id) } ?? "flags"
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Cutover: \(node)</title>
            <noscript><meta http-equiv="refresh" content="5"></noscript>
            <style>\(Self.style)</style>
            </head>
            <body>
            <p id="lost" role="alert" hidden>The node does not answer. What is below is from <span></span>.</p>
            <main>
            \(heading)
            \(notices)
            \(Program.allCases.map(table).joined(separator: "\n"))
            \(changes)
            <footer>As of <time>\(FigureText.moment(status.time))</time>. The same as
            <a href="/cutover/status">JSON</a>, <a href="/cutover/metrics">metrics</a>, and on the node's machine
            <code>ringrift cutover status</code>.</footer>
            </main>
            <script>\(Self.script)</script>
            </body>
            </html>

            """
    }

    /// What a browser may do with it: its own style and script, and asking this node.
    package static let policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private var heading: String {
        guard let node = status.node else { return "<header><h1>Cutover</h1></header>" }
        let standby = status.standby?.state == .ready ? "good" : status.standby?.state == .waiting ? "bad" : "plain"
        let flags = ["good", "absent"].contains(status.flags.condition) ? "good" : "bad"
        let condition = status.flags.condition == "absent" ? "no file" : status.flags.condition
        return """
            <header>
            <h1>Cutover of <b>\(Self.escaped(node.id))</b></h1>
            <dl>
            <div><dt>Process</dt><dd>pid \(node.pid), up \(FigureText.elapsed(status.time - node.started))</dd></div>
            <div><dt>Standby</dt><dd class="\(standby)">\(Self.escaped(StatusText.standby(status.standby)))</dd></div>
            <div><dt>Legacy</dt><dd>\(Self.escaped(node.legacy ?? "no tree"))</dd></div>
            <div><dt>Flags</dt><dd><span class="\(flags)">\(condition)</span>
            <code>\(Self.escaped(status.flags.path))</code></dd></div>
            </dl>
            </header>
            """
    }

    private var notices: String {
        var notices: [String] = []
        if status.flags.isRolledBack {
            notices.append("<b>Rolled back.</b> Everything is legacy until <code>ringrift cutover release</code>.")
        }
        for row in status.subsystems where row.mode != row.wanted {
            notices.append(
                "\(row.subsystem.rawValue) shall be <b>\(row.wanted.rawValue)</b>; \(row.mode.rawValue) serves until then."
            )
        }
        for alarm in status.flags.alarms where alarm.isActive {
            notices.append("<b>Alarm</b> since \(FigureText.moment(alarm.first)): \(Self.escaped(alarm.text))")
        }
        guard !notices.isEmpty else { return "" }
        return "<ul class=\"notices\">" + notices.map { "<li>\($0)</li>" }.joined() + "</ul>"
    }

    // MARK: tables

    private static func title(_ program: Program) -> String {
        switch program {
        case .p2p: "P2P node"
        case .loop: "Unified loop"
        case .improvement: "Improvement loop"
        }
    }

    private func table(_ program: Program) -> String {
        let rows = status.subsystems.filter { $0.subsystem.program == program }
        if rows.allSatisfy({ $0.since == nil }), program != status.node?.program { return short(program, rows) }
        return """
            <section>
            <h2 id="\(program.rawValue)">\(Self.title(program))</h2>
            <table aria-labelledby="\(program.rawValue)">
            <thead><tr><th scope="col">Subsystem</th><th scope="col">Mode</th><th scope="col">Decided by</th>
            <th scope="col">Since</th><th scope="col" class="n">Answers <small>swift / legacy</small></th>
            <th scope="col" class="n">Samples</th><th scope="col" class="n">Mismatches</th>
            <th scope="col" class="n">Old <small>p50/p99 ms</small></th>
            <th scope="col" class="n">New <small>p50/p99 ms</small></th><th scope="col">Ready</th></tr></thead>
            <tbody>
            \(rows.map(row).joined(separator: "\n"))
            </tbody>
            </table>
            </section>
            """
    }

    private func row(_ row: CutoverStatus.Row) -> String {
        let comparison = row.comparison
        let name = row.subsystem.rawValue.drop { $0 != "." }.dropFirst()
        let native = (row.nativeRoutes ?? 0, row.routes ?? 0)
        let decision = row.decision.map { "\($0.who), \(FigureText.moment($0.time)): \($0.reason)" } ?? row.source
        let ready = row.mode == .swift ? FigureText.none : comparison.verdict
        let skipped = comparison.notCompared.reduce(0) { $0 + $1.count }
        let sampleTitle =
            skipped == 0
            ? "" : " title=\"not compared: \(Self.escaped(Self.reasons(comparison.notCompared)))\""
        let cells = [
            ("Mode", "", "<span class=\"mode \(row.mode.rawValue)\">\(row.mode.rawValue)</span>"),
            ("Decided by", " title=\"\(Self.escaped(decision))\"", Self.escaped(FlagSource(row.source).short)),
            ("Since", "", FigureText.elapsed(row.since.map { status.time - $0 })),
            ("Answers", " class=\"n\"", "\(Self.answers(row.swift)) / \(Self.answers(row.legacy))"),
            ("Samples", " class=\"n\"" + sampleTitle, FigureText.count(comparison.samples)),
            (
                "Mismatches", " class=\"n\((comparison.mismatches ?? 0) > 0 ? " bad" : "")\"",
                FigureText.count(comparison.mismatches)
            ),
            ("Old p50/p99 ms", " class=\"n\"", FigureText.latency(comparison.old)),
            ("New p50/p99 ms", " class=\"n\"", FigureText.latency(comparison.new)),
            ("Ready", row.mode != .swift && comparison.isReady ? " class=\"good\"" : "", Self.escaped(ready)),
        ]
        let routes = "\(native.0) of \(native.1) routes have native code"
        return "<tr><th scope=\"row\" title=\"\(routes)\">\(name)</th>"
            + cells.map { "<td data-label=\"\($0)\"\($1)>\($2)</td>" }.joined() + "</tr>"
    }

    private static func answers(_ answers: ServingLedger.Answers?) -> String {
        guard let answers else { return FigureText.none }
        let failed = answers.failed == 0 ? "" : " <em class=\"bad\">\(FigureText.count(answers.failed)) failed</em>"
        return FigureText.count(answers.answered) + failed
    }

    private static func reasons(_ reasons: [ComparisonFigures.Uncompared]) -> String {
        reasons.map { "\($0.reason) \($0.count)" }.joined(separator: ", ")
    }

    /// Another program's subsystems: what the flags say, nobody here serves them.
    private func short(_ program: Program, _ rows: [CutoverStatus.Row]) -> String {
        let items = rows.map { row in
            let name = row.subsystem.rawValue.drop { $0 != "." }.dropFirst()
            return "<li>\(name) <span class=\"mode \(row.wanted.rawValue)\">\(row.wanted.rawValue)</span></li>"
        }
        return "<section><h2>\(Self.title(program)) <small>as the flags say</small></h2>"
            + "<ul class=\"modes\">\(items.joined())</ul></section>"
    }

    private var changes: String {
        guard !history.isEmpty else { return "" }
        let items = history.suffix(Self.changes).reversed().map { note in
            let value = note.value.isEmpty ? "taken out" : note.value
            let was = note.was.map { "\($0.rawValue) → " } ?? ""
            let reason = note.reason.isEmpty ? "" : "<span>\(Self.escaped(note.reason))</span>"
            return "<li><time>\(note.timeText)</time> <b>\(note.action.rawValue)</b> "
                + "<code>\(Self.escaped(note.variable))</code> \(was)\(Self.escaped(value)) "
                + "by \(Self.escaped(note.who)) \(reason)</li>"
        }
        return "<section><h2>Changes</h2><ol class=\"changes\">\(items.joined(separator: "\n"))</ol></section>"
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }
}
