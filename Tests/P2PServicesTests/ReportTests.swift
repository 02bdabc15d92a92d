import Effects
import P2PServices
import PythonSemantics
import TestSupport
import Testing

/// Text files as Python's `open` reads them; every expectation is CPython 3.11's.
@Suite struct TextFileTests {
    private static let line = Array(repeating: UInt8(ascii: "a"), count: 99) + [10]
    private static let many = Array((0..<100).map { _ in line }.joined())
    private static let short = Array((0..<4095).map { _ in Array("a\n".utf8) }.joined())

    /// Bytes, how many lines are read before the error, whether there is one.
    @Test(
        arguments: [
            (Array("a\nb\n".utf8) + [0xFF] + Array("\nc\n".utf8), 0, true),
            (many + Array("x".utf8) + [0xFF] + Array("y\n".utf8) + line, 81, true),
            (Array("a\nb\n".utf8) + [0xE2, 0x82], 2, true), (many + [0xE2], 100, true),
            (Array("a\r\nb\rc\n".utf8), 3, false), (Array("a\nb".utf8), 2, false), ([], 0, false),
            (short + Array("b".utf8) + [0xE2] + Array("(\nc\n".utf8), 4095, true),
            (short + [0xE2] + Array("(\nc\n".utf8), 0, true), (Array("a\n".utf8) + [0xED, 0xA0, 0x80, 10], 0, true),
        ] as [([UInt8], Int, Bool)])
    func lines(_ bytes: [UInt8], _ count: Int, _ fails: Bool) {
        let read = TextFile.lines(bytes)
        #expect(read.lines.count == count)
        #expect((read.failure != nil) == fails)
    }

    @Test func texts() throws {
        #expect(try TextFile.text(Array("a\r\nb\rc".utf8)) == "a\nb\nc")
        #expect(TextFile.textIgnoringErrors(Array("a".utf8) + [0xFF] + Array("é\r\n".utf8)) == "aé\n")
        #expect(throws: PyException.self) { try TextFile.text([0xFF]) }
    }
}

@Suite struct TrendsTableTests {
    @Test func timesThatAreNoDates() {
        for (seconds, text) in [
            (253_402_300_800.0 + 86400, "ValueError: year 10000 is out of range"),
            (1e15, "ValueError: year 31690708 is out of range"),
            (1e20, "OverflowError: timestamp out of range for platform time_t"),
            (.nan, "ValueError: Invalid value NaN (not a number)"),
            (.infinity, "OverflowError: timestamp out of range for platform time_t"),
        ] as [(Double, String)] {
            #expect(failure { () throws(PyException) in try LocalMinute.text(seconds) } == text)
        }
    }
}

/// Contract 12 section 4.7.
@Suite struct AutoscalingTests {
    /// Nodes, games per hour, age of the data in hours, Elo per GPU hour, suggested workers.
    @Test(arguments: [
        (1, 0.0, 0.5, 5.0, 3), (45, 0.0, 0.5, 5.0, 46), (46, 0.0, 0.5, 5.0, 46), (46, 0.0, 3.0, 5.0, 46),
        (46, 0.0, 0.5, 0.5, 45), (3, 600.0, 0.5, 5.0, 2), (2, 600.0, 0.5, 5.0, 2), (2, 200.0, 3.0, 5.0, 3),
        (3, 200.0, 0.5, 0.5, 2), (2, 200.0, 0.5, 0.5, 2), (9, 200.0, 0.5, 1.0, 9),
    ])
    func suggestions(_ nodes: Int, _ games: Double, _ age: Double, _ elo: Double, _ expected: Int) throws {
        let limits = try Autoscaling.Limits(environment: [:])
        let decision = Autoscaling(
            limits: limits, nodes: nodes, throughput: [.float(games)], newestData: testNow - age * 3600,
            eloPerGPUHour: .float(elo), now: testNow)
        #expect(decision.suggestedWorkers == .int(expected))
        #expect(decision.gamesPerHour == .float(games))
    }

    @Test func badLimits() {
        let text = failure { () throws(PyException) in
            try Autoscaling.Limits(environment: ["RINGRIFT_AUTOSCALE_MAX_WORKERS": "x"])
        }
        #expect(text == "ValueError: invalid literal for int() with base 10: 'x'")
    }
}

/// Which games are counted; contract 12 section 4.2.
@Suite struct GameFileTests {
    @Test func whatIsWrongEndsItsFile() {
        let world = world()
        let folder = "/t/data/selfplay/"
        let game = #"{"victory_type": "lps"}"# + "\n"
        func put(_ name: String, _ text: String, age: Double = 0) {
            world.files.put(folder + name, Array(text.utf8), modified: testNow - age)
        }
        put("a/good.jsonl", game + "no json\n\n" + game)
        put("a/list.jsonl", game + "[]\n" + game)
        put("b/old.jsonl", game, age: 86400.5)
        put("b/just.jsonl", game, age: 86400)
        put("b/other.json", game)
        put("b/unhashable.jsonl", game + #"{"victory_type": ["x"]}"# + "\n" + game)
        let statistics = VictoryStatistics.collect(GameFiles(root: "/t", files: world.files), now: testNow)
        #expect(statistics.groups.map(\.count) == [5])
    }
}
