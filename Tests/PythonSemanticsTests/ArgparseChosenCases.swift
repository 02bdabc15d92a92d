import PythonSemantics

/// Command lines that drawing seldom hits: separators, joined options, negative numbers, empty and repeated values.
enum ArgparseChosenCases {
    static let parser = ArgumentParserSpec(
        prog: "chosen", description: "Chosen",
        [
            ArgumentSpec("-v", "--verbose", action: .count),
            ArgumentSpec("-q", "--quiet", action: .storeTrue),
            ArgumentSpec("-o", "--output", "--out-file"),
            ArgumentSpec("--port", default: "8770", type: .int),
            ArgumentSpec("--also-port", default: "8770", type: .int, dest: "port"),
            ArgumentSpec("--pair", count: .exactly(2)),
            ArgumentSpec("--many", count: .zeroOrMore, type: .int),
            ArgumentSpec("--some", count: .oneOrMore),
            ArgumentSpec("--maybe", count: .optional, const: "7", default: "8", type: .int),
            ArgumentSpec("--add", action: .append),
            ArgumentSpec("--color", action: .booleanOptional, default: true),
            ArgumentSpec("--mode", default: "disk", choices: ["disk", "ramdrive"]),
            ArgumentSpec("first", count: .optional),
            ArgumentSpec("rest", count: .zeroOrMore, default: "none"),
        ])

    /// As `parser`, with an option that looks like a negative number and positionals that need values.
    static let strict = ArgumentParserSpec(
        prog: "strict",
        [
            ArgumentSpec("-1", "--one", action: .storeTrue),
            ArgumentSpec("--x", count: .oneOrMore),
            ArgumentSpec("head"),
            ArgumentSpec("body", count: .oneOrMore),
            ArgumentSpec("tail", count: .exactly(2), type: .int),
        ])

    static let lines: [[String]] = [
        [], ["--"], ["--", "--"], ["--", "a", "--", "b"], ["a", "--", "b"], ["a", "b", "--", "-c"], ["--", "-v"],
        ["-v", "--"],
        ["--output=--"], ["--output=--", "x"], ["--port=--"], ["--many=--"], ["--some=--"], ["--maybe=--"],
        ["--add=--"],
        ["--mode=--"], ["--output", "--"], ["--many", "1", "--", "2"], ["--some", "1", "--", "2"],
        ["--pair", "1", "--", "2"],
        ["-vvq"], ["-vo"], ["-vofile"], ["-vo=file"], ["-v=q"], ["-vx"], ["-qv=1"], ["-o=-v"], ["-o", "-v"], ["-ov"],
        ["-o="],
        ["--out", "x"], ["--outp", "x"], ["--out-", "x"], ["--o", "x"], ["--no", "x"], ["--no-c"], ["--no-color=1"],
        ["--co"],
        ["--port", "-5"], ["--port", "-5.5"], ["--port=-5"], ["--port", "-5x"], ["-5"], ["-5", "-.5"], ["-5.", "a"],
        ["-"],
        ["-", "-"], ["-o", "-"], ["--pair", "1"], ["--pair", "1", "2", "3", "4", "5"], ["--pair=1"], ["--pair=1", "2"],
        ["--many"], ["--many", "1", "x"], ["--many=1", "2"], ["--some"], ["--maybe"], ["--maybe", "1"], ["--maybe=x"],
        ["--add", "a", "--add=b", "--add="], ["--mode", ""], ["--mode="], ["a b", "-c d"], ["-c d"], ["--no such"],
        ["--v", "--v"],
        ["a", "-v", "b"], ["a", "-v", "b", "-q", "c"], ["-v", "a", "-q", "b", "c"], ["--verb=3"],
        ["--port", " 12 ", "x"], ["--also", "5"],
        ["a", "b", "1", "2"], ["a", "b", "1", "2", "--x", "y"], ["--x", "a", "b", "1", "2"],
        ["--x", "a", "--", "b", "c", "1", "2"],
        ["a", "b", "--", "c", "1", "-2"], ["a", "b", "c", "1"], ["a", "b", "1", "-1"], ["a", "b", "-1", "1", "2"],
        ["a", "--", "b", "c", "d", "1", "2"], ["a", "b", "c", "d", "--", "1", "2"], ["a", "b", "c", "1", "--", "2"],
        ["a", "b", "c", "d", "1", "2", "--"],
    ]
}
