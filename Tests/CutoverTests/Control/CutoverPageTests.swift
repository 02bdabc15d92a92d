import Foundation
import Testing

@testable import Cutover

@Suite struct CutoverPageTests {
    private func page(_ control: ControlFixture, _ status: CutoverStatus) -> String {
        CutoverPage(status, history: control.store.file.history).html
    }

    /// One file: nothing is fetched from elsewhere.
    @Test func selfContained() throws {
        let control = try ControlFixture("RINGRIFT_IMPL_P2P=legacy\n")
        let html = page(control, control.status())
        for word in ["src=", "@import", "url(", "<link", "http:", "https:", "//"] {
            #expect(!html.contains(word), "\(word)")
        }
        for subsystem in Subsystem.allCases {
            let name = subsystem.rawValue.split(separator: ".")[1]
            #expect(html.contains(">\(name)</th>") || html.contains("<li>\(name) "), "\(name)")
        }
        #expect(html.contains("prefers-color-scheme:dark"))
        #expect(html.contains("<noscript><meta http-equiv=\"refresh\""))
    }

    /// Names, reasons and alarms come from outside.
    @Test func nothingIsMarkup() throws {
        let evil = "<script>alert(1)</script>\"'&"
        let control = try ControlFixture("RINGRIFT_IMPL_P2P=\(evil)\n")
        try control.store.apply(
            FlagEdit(.demote(.p2pTraining, to: .legacy), time: 100, who: evil, reason: evil, was: .live))
        let figures = ComparisonFigures(samples: 1, notCompared: [.init(reason: evil, count: 1)], reason: evil)
        var status = control.status(
            standby: .init(kind: evil, .waiting(reason: evil, seconds: 1)), figures: [.p2pTraining: figures])
        status.node?.id = evil
        status.node?.legacy = evil
        status.flags.path = evil
        let html = page(control, status)
        #expect(!html.contains("alert(1)</script>\""))
        #expect(html.components(separatedBy: "<script>").count == 2)
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"))
    }

    @Test func whatAnOperatorMustSee() throws {
        let control = try ControlFixture("RINGRIFT_ROLLBACK=1\nnonsense\n")
        let html = page(control, control.status(serving: [:], standby: .init(kind: "cold", .idle)))
        for text in [
            "<b>Rolled back.</b>", "p2p.leadership shall be <b>legacy</b>; swift serves until then.",
            "flags.env line 2: not NAME=VALUE, ignored", "cold: the worker starts when it is needed",
        ] { #expect(html.contains(text), "\(text)") }
    }
}
