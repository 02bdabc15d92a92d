import Comparison

/// The report as one page that needs nothing else: no network, no fonts, no other files.
///
/// What a node answered is hostile input here. It is escaped wherever it goes, and a content security policy with a
/// random nonce lets only the page's own script and style in.
package struct HTMLReport {
    let report: ParityReport
    let nonce: String
    /// Bytes of side-by-side views; beyond them a check has its list of differences only.
    let budget: Int

    package init(_ report: ParityReport, budget: Int = 8 << 20) {
        self.report = report
        self.budget = budget
        var random = SystemRandomNumberGenerator()
        nonce = String(random.next(), radix: 36) + String(random.next(), radix: 36)
    }

    /// - Returns: the page, UTF-8.
    package func text() -> String {
        var page = HTMLMarkup()
        page.verbatim("<!doctype html>\n")
        page.open("html", ["lang": "en"])
        head(&page)
        page.open("body")
        header(&page)
        page.open("main")
        summary(&page)
        rules(&page)
        // What differs is what one opens the page for.
        if report.exitCode == 0 {
            routes(&page)
            checks(&page)
        } else {
            checks(&page)
            routes(&page)
        }
        coverage(&page)
        footer(&page)
        page.close("main")
        page.newline()
        page.open("script", ["nonce": nonce])
        page.verbatim(HTMLScript.text)
        page.close("script")
        page.close("body")
        page.close("html")
        page.newline()
        return page.html
    }

    private func head(_ page: inout HTMLMarkup) {
        page.open("head")
        page.open("meta", ["charset": "utf-8"])
        page.open(
            "meta",
            [
                "http-equiv": "Content-Security-Policy",
                "content": "default-src 'none'; base-uri 'none'; form-action 'none'; script-src 'nonce-\(nonce)'; "
                    + "style-src 'nonce-\(nonce)'",
            ])
        page.open("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        page.open("meta", ["name": "referrer", "content": "no-referrer"])
        page.element("title", [:], "Parity \(report.command): \(verdict.words)")
        page.open("style", ["nonce": nonce])
        page.verbatim(HTMLStyle.text)
        page.close("style")
        page.close("head")
        page.newline()
    }

    var verdict: (words: String, tone: String) {
        switch report.exitCode {
        case 0: return ("equal", "good")
        case 1: return ("different", "bad")
        default: return ("could not run", "warn")
        }
    }

    private func header(_ page: inout HTMLMarkup) {
        page.open("header")
        page.open("div")
        page.open("div", ["class": "top"])
        page.element("h1", [:], "Parity \(report.command)")
        page.element("span", ["class": "pill \(verdict.tone)"], verdict.words)
        page.element("span", ["class": "pill"], "legacy: \(report.legacyKind)")
        page.element("span", ["class": "space"])
        page.element(
            "button", ["id": "theme", "class": "controls", "type": "button", "title": "Light or dark"], "Auto")
        page.close("div")
        page.open("dl", ["class": "facts"])
        for (name, value) in [
            ("Legacy", report.legacy), ("Candidate", report.candidate),
            ("When", report.made + ", \(TerminalReport.tenths(report.seconds)) s"),
        ] {
            page.element("dt", [:], name)
            page.element("dd", [:], value)
        }
        page.close("dl")
        tiles(&page)
        page.close("div")
        page.close("header")
        page.newline()
    }

    private func tiles(_ page: inout HTMLMarkup) {
        let played = report.scenarios.count { $0.skipped == nil && $0.error == nil }
        let stopped = report.scenarios.count { $0.error != nil }
        let differing = report.scenarios.flatMap(\.checks).count { !$0.differences.isEmpty }
        var tiles = [
            (report.passed, "checks equal", ""), (differing, "checks differ", differing > 0 ? "bad" : "good"),
            (played, "scenarios played", ""),
        ]
        if report.skipped > 0 { tiles.append((report.skipped, "skipped", "")) }
        if stopped > 0 { tiles.append((stopped, "could not run", "bad")) }
        if !report.complaints.isEmpty { tiles.append((report.complaints.count, "rules fail", "bad")) }
        page.open("div", ["class": "tiles"])
        for (number, label, tone) in tiles {
            page.open("div", ["class": "tile \(tone)"])
            page.element("b", [:], ReportText.grouped(number))
            page.element("span", [:], label)
            page.close("div")
        }
        page.close("div")
        values(&page)
    }

    /// How strictly values were compared, as a bar.
    private func values(_ page: inout HTMLMarkup) {
        let tally = report.tally
        let parts = [
            ("exact", tally.exact, "compared exactly"), ("loose", tally.loosened, "by type or shape"),
            ("ignored", tally.ignored, "ignored"),
        ]
        let total = max(1, tally.exact + tally.loosened + tally.ignored)
        page.open(
            "svg", ["class": "bar", "viewBox": "0 0 1000 6", "preserveAspectRatio": "none", "aria-hidden": "true"])
        var position = 0
        for (name, count, _) in parts {
            let width = count * 1000 / total
            page.element("rect", ["class": name, "x": String(position), "width": String(width), "height": "6"])
            position += width
        }
        page.close("svg")
        page.open("div", ["class": "key"])
        for (name, count, words) in parts {
            page.open("span", ["class": name])
            page.element("i")
            page.text("\(ReportText.grouped(count)) values \(words)")
            page.close("span")
        }
        page.close("div")
    }

    private func footer(_ page: inout HTMLMarkup) {
        page.open("footer")
        page.text("\(report.summary). Keys: ")
        for (key, meaning) in [("/", "filter"), ("j", "next difference"), ("k", "previous difference")] {
            page.element("kbd", [:], key)
            page.text(" \(meaning)  ")
        }
        page.close("footer")
    }
}
