import Cutover
import Foundation
import PythonSemantics
import Testing

/// `Legacy/launchers/flags.py` decides without the binary; here both read the same environments and files.
@Suite struct LauncherFlagsTests {
    private struct Case: Codable {
        var environment: [String: String]
        var file: [UInt8]?
        var kept: [UInt8]?
    }

    private static let names = FlagName.every.map(\.variable) + ["RINGRIFT_IMPL_P2P_NOTHING", "PATH"]
    private static let values = ["legacy", "shadow", "live", "swift", "", "0", "1", "Legacy", "new", "swift "]
    /// Lines of every kind: what an operator, an editor and a crash leave.
    private static let odd = [
        "", "  ", "# RINGRIFT_IMPL=legacy", "export RINGRIFT_IMPL_P2P=legacy", "RINGRIFT_IMPL_P2P = \"legacy\" # why",
        "RINGRIFT_IMPL_P2P='live'#x", "RINGRIFT_IMPL_P2P legacy", "RINGRIFT_ROLLBACK", "RINGRIFT_ROLLBACK=\"1",
        "RINGRIFT_IMPL=swift # legacy", "RINGRIFT_IMPL=swift# legacy", "RINGRIFT_IMPL_P2P=#", "RINGRIFT_IMPL_P2P= #x",
        "=legacy", "garbage", "exportRINGRIFT_IMPL=legacy", "RINGRIFT_IMPL\u{A0}=legacy", "RINGRIFT_IMPL_P2P=\"\"",
        "RINGRIFT_IMPL_P2P=\"a\" b", "RINGRIFT_IMPL_P2P=' legacy'", "ÄRINGRIFT_IMPL=legacy", "RINGRIFT_ROLLBACK=0\r",
    ]

    private static func file(_ dice: inout SystemDice) -> [UInt8]? {
        switch dice.next(10) {
        case 0: return nil
        case 1: return Array(" \n\t\n".utf8)
        case 2: return Array("garbage\nmore".utf8)
        case 3: return Array("RINGRIFT_IMPL=live\n".utf8) + [0]
        default: break
        }
        var text = dice.next(8) == 0 ? [0xEF, 0xBB, 0xBF] : [UInt8]()
        for _ in 0..<dice.next(5) {
            let line = dice.next(2) == 0 ? dice.pick(odd) : "\(dice.pick(names))=\(dice.pick(values))"
            text += Array(line.utf8) + [UInt8(ascii: "\n")]
        }
        if dice.next(20) == 0 { text += [0xFF, 0x3D, 0x0A] }
        return text
    }

    @Test func bothReadTheFlagsAlike() throws {
        let scratch = try FlagScratch()
        var dice = SystemDice(seed: 20261123)
        var cases: [Case] = []
        for _ in 0..<600 {
            var environment: [String: String] = [:]
            for _ in 0..<dice.next(3) { environment[dice.pick(Self.names)] = dice.pick(Self.values) }
            cases.append(
                Case(
                    environment: environment, file: Self.file(&dice), kept: dice.next(3) == 0 ? Self.file(&dice) : nil))
        }
        var expected: [[String]] = []
        for (index, one) in cases.enumerated() {
            let tree = scratch.tree + "/\(index)"
            let logs = tree + "/logs/cutover"
            try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
            if let file = one.file { try Data(file).write(to: URL(fileURLWithPath: logs + "/flags.env")) }
            if let kept = one.kept { try Data(kept).write(to: URL(fileURLWithPath: logs + "/flags.env.last-good")) }
            let table = FlagStore(environment: one.environment, tree: tree, now: { 0 }, onEvent: { _ in }).table
            expected.append(Program.p2p.subsystems.map { table.mode($0).rawValue })
        }
        let environments = scratch.tree + "/environments.json"
        try JSONEncoder().encode(cases.map(\.environment)).write(to: URL(fileURLWithPath: environments))
        let got = try Self.python(
            """
            import json, sys
            sys.path.insert(0, sys.argv[1])
            import flags
            print(json.dumps([list(flags.modes("p2p", e, f"{sys.argv[2]}/{i}").values())
                              for i, e in enumerate(json.load(open(sys.argv[3])))]))
            """, Self.launchers, scratch.tree, environments)
        let answers = try JSONDecoder().decode([[String]].self, from: got)
        #expect(answers.count == expected.count)
        for (index, pair) in zip(answers, expected).enumerated() where pair.0 != pair.1 {
            let text = cases[index].file.map { String(decoding: $0, as: UTF8.self) }
            Issue.record("\(cases[index].environment), file \(text ?? "none"): Python \(pair.0), Swift \(pair.1)")
        }
        // The cases must not all say the same.
        #expect(Set(expected).count > 20)
        #expect(expected.contains { Set($0) == ["legacy"] })
    }

    private static let launchers = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../Legacy/launchers").standardizedFileURL.path

    private static func python(_ code: String, _ arguments: String...) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-B", "-c", code] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return data
    }
}

/// A small generator with a printed seed, so that a failure can be had again.
private struct SystemDice {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }

    mutating func pick<Element>(_ from: [Element]) -> Element { from[next(from.count)] }
}
