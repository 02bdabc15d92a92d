import Testing

@testable import Cutover

@Suite struct FigureTextTests {
    @Test(
        arguments: [
            (nil, "-"), (-3, "0s"), (0, "0s"), (119.9, "119s"), (120, "2m"), (7_199, "119m"), (7_200, "2h"),
            (172_799, "47h"), (172_800, "2d"), (8_639_999_999, "273y"), (.infinity, "-"),
        ] as [(Double?, String)])
    func elapsed(_ seconds: Double?, _ text: String) {
        #expect(FigureText.elapsed(seconds) == text)
        #expect(text.count <= 4)
    }

    @Test(
        arguments: [
            (nil, "-"), (0, "0"), (99_999, "99999"), (100_000, "100k"), (999_499, "999k"), (999_500, "1.0M"),
            (1_240_000, "1.2M"), (9_950_000, "10M"), (12_000_000_000, "12G"), (.max, "many"),
        ] as [(Int?, String)])
    func counts(_ number: Int?, _ text: String) {
        #expect(FigureText.count(number) == text)
        #expect(text.count <= 5)
    }

    @Test(
        arguments: [
            (nil, "-"), (0.04, "0.0"), (9.94, "9.9"), (9.95, "10"), (999.4, "999"), (999.5, "1s"), (41_000, "41s"),
            (120_000, "2m"), (1e12, "99m"), (.nan, "-"),
        ] as [(Double?, String)])
    func milliseconds(_ value: Double?, _ text: String) {
        #expect(FigureText.milliseconds(value) == text)
        #expect(text.count <= 3)
    }

    @Test func latency() {
        #expect(FigureText.latency(.init()) == "-")
        #expect(FigureText.latency(.init(p50: 18, p99: nil)) == "18/-")
        #expect(FigureText.latency(.init(p50: 999, p99: 9e9)) == "999/99m")
    }

    @Test(
        arguments: [
            ("", [""]), ("a b", ["a b"]), ("aaa bbb ccc", ["aaa bbb", "  ccc"]),
            ("aaaaaaaaaaaa b", ["aaaaaaaaaaaa", "  b"]),
        ])
    func wrapping(_ text: String, _ lines: [String]) {
        #expect(StatusText.wrapped(text, "  ", width: 8) == lines)
    }
}
