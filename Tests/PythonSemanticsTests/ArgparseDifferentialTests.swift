import Foundation
import PythonSemantics
import Testing

/// The engine against CPython's argparse on drawn command lines. `ARGPARSE_CASES` and `ARGPARSE_SEED` change how many and which.
@Suite(.enabled(if: ArgparseOracle.isAvailable, ArgparseOracle.whySkipped))
struct ArgparseDifferentialTests {
    private static func setting(_ name: String, _ fallback: UInt64) -> UInt64 {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? fallback
    }

    private static func ours(_ spec: ArgumentParserSpec, _ test: ArgparseOracle.Case) -> ArgparseOracle.Outcome {
        switch spec.parse(test.args, columns: test.columns) {
        case .values(let values):
            ArgparseOracle.Outcome(values: values.mapValues(\.pyRepr))
        case .exit(let status, let stdout, let stderr):
            ArgparseOracle.Outcome(status: status, stdout: stdout, stderr: stderr)
        }
    }

    private func compare(_ parsers: [ArgumentParserSpec], _ cases: [ArgparseOracle.Case], seed: UInt64) throws {
        let theirs = try ArgparseOracle.outcomes(parsers, cases)
        try #require(theirs.count == cases.count)
        var kinds: [String: Int] = [:]
        for (test, expected) in zip(cases, theirs) {
            let got = Self.ours(parsers[test.parser], test)
            kinds[expected.crash != nil ? "crash" : expected.status.map { "exit \($0)" } ?? "values", default: 0] += 1
            #expect(
                got == expected,
                "seed \(seed), \(parsers[test.parser].prog) at \(test.columns) columns: \(test.args.debugDescription)")
        }
        print("argparse: seed \(seed), \(cases.count) command lines:", kinds.sorted { $0.key < $1.key })
        #expect(kinds["crash"] == nil)
        #expect((kinds["values"] ?? 0) > cases.count / 20 && (kinds["exit 2"] ?? 0) > cases.count / 20)
    }

    @Test func drawnCommandLines() throws {
        let seed = Self.setting("ARGPARSE_SEED", 1)
        let count = Int(Self.setting("ARGPARSE_CASES", 300))
        var draw = ArgparseGenerator(seed: seed)
        var parsers = [ArgparsePrograms.unifiedLoop, ArgparsePrograms.improvementLoop]
        for _ in 0..<max(20, count / 10) { parsers.append(draw.parser()) }
        let cases = (0..<count).map { number in
            let parser = number % 4 == 0 ? number / 4 % 2 : draw.below(parsers.count)
            return ArgparseOracle.Case(parser: parser, args: draw.args(parsers[parser]), columns: draw.columns())
        }
        try compare(parsers, cases, seed: seed)
    }

    @Test func chosenCommandLines() throws {
        let parsers = [ArgparseChosenCases.parser, ArgparseChosenCases.strict]
        let cases = parsers.indices.flatMap { parser in
            ArgparseChosenCases.lines.map { ArgparseOracle.Case(parser: parser, args: $0, columns: 80) }
        }
        try compare(parsers, cases, seed: 0)
    }

    /// Help of the programs at widths up to 140, and of drawn parsers.
    @Test func helpAtManyWidths() throws {
        let seed = Self.setting("ARGPARSE_SEED", 1) &+ 1
        var draw = ArgparseGenerator(seed: seed)
        let parsers =
            [ArgparsePrograms.unifiedLoop, ArgparsePrograms.improvementLoop] + (0..<40).map { _ in draw.parser() }
        var cases: [ArgparseOracle.Case] = []
        for parser in parsers.indices {
            for columns in stride(from: 1, through: 140, by: parser < 2 ? 7 : 31) {
                cases.append(ArgparseOracle.Case(parser: parser, args: ["-h"], columns: columns))
            }
        }
        let theirs = try ArgparseOracle.outcomes(parsers, cases)
        for (test, expected) in zip(cases, theirs) {
            #expect(
                Self.ours(parsers[test.parser], test) == expected,
                "seed \(seed), parser \(test.parser) at \(test.columns) columns")
        }
    }
}
