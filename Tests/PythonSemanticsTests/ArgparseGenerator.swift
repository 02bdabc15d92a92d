import PythonSemantics

/// Command lines and parsers drawn from a seed: valid, nearly valid and hostile.
struct ArgparseGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }

    // MARK: Command lines

    private static let plain = [
        "a", "disk", "square8", "mixed", "3", "42", "8770", "0.5", "1e3", "inf", "nan", "host:1", ",a,", "x=y",
        "/tmp/a//b/.",
    ]
    private static let hostile = [
        "", " ", "-", "--", "---", "-5", "-1.5", "-.5", "-5x", "-1_0", "1_000", "1__0", " 7 ", "+5", "٣", "-٣", "９",
        "é",
        "e\u{301}", "日本", "\u{212A}", "a b", "-x y", "--no such", "it's", "\"q\"", "it's \"q\"", "back\\slash", "\n",
        "-5\n",
        "tab\there", "\u{7f}", "\u{0}", "\u{a0}5", "\u{200b}", "\u{1F600}", "99999999999999999999999", "1e400", "--=x",
        "-=",
        "=", "--x=--", "-h", "--help", "--he", "-hx", "--no-", "%s", "%(prog)s", "0x10", "infinity", ".", "1.",
    ]

    mutating func args(_ spec: ArgumentParserSpec) -> [String] {
        (0..<below(7)).flatMap { _ in token(spec) }
    }

    private mutating func word(_ argument: ArgumentSpec?) -> String {
        if let argument, let choices = argument.choices, chance(70) { return pick(choices).pyStr }
        if let argument, argument.type.name != "str", chance(60) { return String(below(50) - 5) }
        return chance(65) ? pick(Self.plain) : pick(Self.hostile)
    }

    private mutating func token(_ spec: ArgumentParserSpec) -> [String] {
        let options = spec.arguments.filter(\.isOption)
        let argument = pick(
            chance(92) ? Array(options.dropFirst()) + [options[0]].prefix(options.count > 1 ? 0 : 1) : options)
        var option = pick(argument.optionStrings)
        if chance(25), option.utf8.count > 2 { option = String(option.prefix(2 + below(option.utf8.count - 1))) }
        if chance(3) { option += "z" }
        switch below(100) {
        case ..<8: return [word(nil)]
        case ..<14: return [pick(Self.hostile)]
        case ..<30: return [option + "=" + word(argument)]
        case ..<36: return ["-" + String(pick(options).optionStrings[0].drop { $0 == "-" }.prefix(1)) + word(argument)]
        case ..<40:
            return [
                "-"
                    + (0..<3).map { _ in String(pick(options).optionStrings.last!.drop { $0 == "-" }.prefix(1)) }
                    .joined()
            ]
        case ..<52: return [option]
        case ..<58: return [option, word(argument), word(nil)]
        default: return argument.takesArguments ? [option, word(argument)] : [option]
        }
    }

    mutating func columns() -> Int {
        pick([80, 80, 80, 79, 81, 100, 120, 132, 200, 5000, 60, 50, 45, 40, 30, 26, 20, 13, 10, 5, 2, 1])
    }

    // MARK: Parsers

    private static let stems = [
        "verbose", "value", "peers", "peer-count", "path", "relay", "ratio", "require-auth", "x", "y", "v", "n",
        "no-thing",
        "a-very-long-option-name-that-never-ends", "naïve", "level", "1",
    ]
    private static let phrases = [
        "plain words", "well-known self-play games", "em--dash and --options", "a-b-c x-y", "(default: %(default)s)",
        "%(prog)s",
        "~30%% less", "supercalifragilisticexpialidocious-and-then-some-more",
        "http://example.org/a/very/long/path?with=query",
        "two\n  lines\tand tabs", "non\u{a0}breaking", "été-déjà 日本語テキスト", "type %(type)s of %(dest)s", "end.", "--",
        "-", "a--b-",
        "trailing-", "mid\u{2014}dash", "[brackets] (and parens)", "1-2 34-56 a1-b2 ab-cd", "x\u{1d}y", "%(choices)s",
        "cr\r\nlf\u{2028}sep",
    ]

    private mutating func text(_ longest: Int) -> String {
        (0..<(1 + below(longest))).map { _ in pick(Self.phrases) }.joined(separator: " ")
    }

    /// Text in which only the program's name may be filled in.
    private mutating func prose(_ longest: Int) -> String {
        let phrases = Self.phrases.filter { !$0.contains("%(") || $0 == "%(prog)s" }
        return (0..<(1 + below(longest))).map { _ in pick(phrases) }.joined(separator: " ")
    }

    mutating func parser() -> ArgumentParserSpec {
        var names = Self.stems
        let hasGroup = chance(30)
        var arguments: [ArgumentSpec] = []
        for _ in 0..<(1 + below(9)) {
            let stem = names.remove(at: below(names.count))
            arguments.append(option(stem, group: hasGroup && chance(40) ? 0 : nil))
        }
        for number in 0..<max(0, below(7) - 3) { arguments.append(positional("pos\(number)")) }
        return ArgumentParserSpec(
            prog: pick(["prog", "p2p_orchestrator.py", "a_program_with_quite_a_long_name_to_wrap.py", "été"]),
            description: chance(70) ? prose(8) : nil, epilog: chance(40) ? prose(4) : nil,
            style: chance(20) ? .rawDescription : .wrapped,
            groups: hasGroup
                ? [ArgumentGroupSpec(title: "group of things", description: chance(50) ? prose(3) : nil)] : [],
            arguments)
    }

    private mutating func option(_ stem: String, group: Int?) -> ArgumentSpec {
        let long = stem.utf8.count > 1
        let name = (long ? "--" : "-") + stem
        let help: String? = chance(80) ? text(5).replacing("%(choices)s", with: "many") : nil
        switch below(12) {
        case 0: return ArgumentSpec(name, action: .storeTrue, help: help, group: group)
        case 1: return ArgumentSpec(name, action: .storeFalse, help: help, group: group)
        case 2:
            return ArgumentSpec(
                name, action: .storeConst("const"), default: chance(50) ? 7 : nil, help: help, group: group)
        case 3: return ArgumentSpec(name, action: .count, default: chance(50) ? 0 : nil, help: help, group: group)
        case 4 where long: return ArgumentSpec(name, action: .booleanOptional, help: help, group: group)
        case 5:
            return ArgumentSpec(
                name, action: .append, count: count(), default: chance(50) ? [] : nil, help: help, group: group)
        default: return valued(name, help: help, group: group)
        }
    }

    private mutating func valued(_ name: String, help: String?, group: Int?) -> ArgumentSpec {
        let count = count()
        switch below(4) {
        case 0:
            return ArgumentSpec(
                name, count: count, default: chance(60) ? pick([5, "6", "abc", -1]) : nil, type: .int,
                choices: chance(40) ? [2, 3, 4] : nil, required: chance(15), help: help, group: group)
        case 1:
            return ArgumentSpec(
                name, default: chance(60) ? pick([0.5, "1e5", 1e16]) : nil, type: .float, help: help, group: group)
        case 2:
            return ArgumentSpec(
                name, count: count, const: count == .optional && chance(60) ? "disk" : .none, default: "disk",
                choices: chance(50) ? ["disk", "ramdrive", "it's"] : nil, required: chance(10), help: help, group: group
            )
        default:
            return ArgumentSpec(
                name, count: count, type: chance(20) ? .path : .string, help: help,
                metavar: chance(40) ? pick(["FILE", "HOST[:PORT]", "(x)", "<n>", "a|b", "日本"]) : nil, group: group)
        }
    }

    private mutating func count() -> ArgumentCount {
        pick([.single, .single, .single, .single, .optional, .zeroOrMore, .oneOrMore, .exactly(1), .exactly(2)])
    }

    private mutating func positional(_ name: String) -> ArgumentSpec {
        let count = count()
        return ArgumentSpec(
            name, count: count, default: count == .optional || count == .zeroOrMore ? pick([nil, "6", 7]) : nil,
            type: pick([.string, .int]), help: chance(80) ? text(3).replacing("%(choices)s", with: "many") : nil,
            metavar: chance(30) ? "WHAT" : nil)
    }
}
