/// Why parsing ended without values.
enum ArgumentParseEnd: Error, Equatable {
    /// The help was asked for.
    case help
    /// Text after `PROG: error: `.
    case error(String)

    /// An error about one argument.
    static func error(_ argument: ArgumentSpec, _ message: String) -> ArgumentParseEnd {
        .error("argument \(argument.displayName): \(message)")
    }
}

/// One reading of a command line: options and positionals are consumed alternately from the left. Arguments are named by
/// their index in the specification.
struct ArgumentParseRun {
    private let arguments: [ArgumentSpec]
    private let index: ArgumentOptionIndex
    private let args: [String]

    private var options: [Int: OptionMatch] = [:]
    private var letters: [ArgumentPattern.Letter] = []
    private var positionals: [Int]
    private var extras: [String] = []
    private var seen: Set<Int> = []
    private var namespace: [String: ArgValue] = [:]
    /// Destinations that still hold the very default of the argument with that index.
    private var untouched: [String: Int] = [:]

    init(spec: ArgumentParserSpec, args: [String]) {
        arguments = spec.arguments
        index = ArgumentOptionIndex(spec.arguments)
        self.args = args
        positionals = spec.arguments.indices.filter { !spec.arguments[$0].isOption }
        for (position, argument) in spec.arguments.enumerated()
        where argument.action != .help && namespace[argument.dest] == nil {
            namespace[argument.dest] = argument.defaultValue
            untouched[argument.dest] = position
        }
    }

    mutating func run() throws(ArgumentParseEnd) -> [String: ArgValue] {
        try classify()
        let lastOption = options.keys.max() ?? -1
        var position = 0
        while position <= lastOption {
            let next = options.keys.filter { $0 >= position }.min() ?? position
            if position != next {
                let end = try consumePositionals(from: position)
                if end > position {
                    position = end
                    continue
                }
            }
            if options[position] == nil {
                extras += args[position..<next]
                position = next
            }
            position = try consumeOption(at: position)
        }
        extras += args[try consumePositionals(from: position)...]
        try convertDefaults()
        guard extras.isEmpty else { throw .error("unrecognized arguments: " + extras.joined(separator: " ")) }
        return namespace
    }

    /// Decides for each string whether it is an option; everything after `--` is not.
    private mutating func classify() throws(ArgumentParseEnd) {
        for (position, arg) in args.enumerated() {
            if letters.contains(.separator) {
                letters.append(.argument)
            } else if ArgText.equal(arg, "--") {
                letters.append(.separator)
            } else if let match = try index.classify(arg) {
                options[position] = match
                letters.append(.option)
            } else {
                letters.append(.argument)
            }
        }
    }

    /// Takes the option at a position with its arguments, and the single-dash options joined to it. Returns what follows.
    private mutating func consumeOption(at start: Int) throws(ArgumentParseEnd) -> Int {
        guard case .known(var current, var optionString, var explicit)? = options[start] else {
            extras.append(args[start])
            return start + 1
        }
        var taken: [(argument: Int, strings: [String], option: String)] = []
        var end = start + 1
        while true {
            let argument = arguments[current]
            guard let text = explicit else {
                let count = try matchCount(argument, letters[(start + 1)...])
                end += count
                taken.append((current, Array(args[(start + 1)..<end]), optionString))
                break
            }
            let count = try matchCount(argument, [.argument])
            if count == 1 {
                taken.append((current, [text], optionString))
                break
            }
            // `-vf`: the rest of the string may be further options when this one takes no argument.
            guard count == 0, !ArgText.hasPrefix(optionString, "--"), let first = text.unicodeScalars.first else {
                throw .error(argument, "ignored explicit argument \(ArgText.repr(text))")
            }
            taken.append((current, [], optionString))
            optionString = ArgText.string(["-", first])
            guard let next = index.argument(named: optionString) else {
                throw .error(argument, "ignored explicit argument \(ArgText.repr(text))")
            }
            current = next
            let rest = ArgText.string(text.unicodeScalars.dropFirst())
            explicit = rest.isEmpty ? nil : rest
        }
        for item in taken { try take(item.argument, item.strings, option: item.option) }
        return end
    }

    private func matchCount(
        _ argument: ArgumentSpec, _ available: ArraySlice<ArgumentPattern.Letter>
    ) throws(ArgumentParseEnd) -> Int {
        if let counts = ArgumentPattern([argument]).match(available) { return counts[0] }
        switch argument.count {
        case .single: throw .error(argument, "expected one argument")
        case .optional: throw .error(argument, "expected at most one argument")
        case .oneOrMore: throw .error(argument, "expected at least one argument")
        case .zeroOrMore: throw .error(argument, "expected * arguments")
        case .exactly(let count): throw .error(argument, "expected \(count) argument\(count == 1 ? "" : "s")")
        }
    }

    /// Gives as many positionals as possible the strings from a position on. Returns what follows.
    private mutating func consumePositionals(from start: Int) throws(ArgumentParseEnd) -> Int {
        var position = start
        for length in stride(from: positionals.count, to: 0, by: -1) {
            let candidates = positionals.prefix(length)
            guard let counts = ArgumentPattern(candidates.map { arguments[$0] }).match(letters[start...]) else {
                continue
            }
            for (argument, count) in zip(candidates, counts) {
                try take(argument, Array(args[position..<(position + count)]), option: nil)
                position += count
            }
            positionals.removeFirst(length)
            break
        }
        return position
    }

    private mutating func take(_ number: Int, _ strings: [String], option: String?) throws(ArgumentParseEnd) {
        let argument = arguments[number]
        seen.insert(number)
        let value = try argument.values(of: strings)
        switch argument.action {
        case .help: throw .help
        case .store: namespace[argument.dest] = value
        case .storeConst(let const): namespace[argument.dest] = const
        case .storeTrue: namespace[argument.dest] = .bool(true)
        case .storeFalse: namespace[argument.dest] = .bool(false)
        case .append:
            namespace[argument.dest] = .list((namespace[argument.dest]?.listValue ?? []) + [value])
        case .count:
            namespace[argument.dest] = .int((namespace[argument.dest]?.intValue ?? 0) + 1)
        case .booleanOptional:
            namespace[argument.dest] = .bool(!ArgText.hasPrefix(option ?? "", "--no-"))
        }
        untouched[argument.dest] = nil
    }

    /// Text defaults of arguments that were not given go through the type; required ones must have been given.
    private mutating func convertDefaults() throws(ArgumentParseEnd) {
        var missing: [String] = []
        for (position, argument) in arguments.enumerated() where !seen.contains(position) {
            if argument.isRequired {
                missing.append(argument.displayName)
            } else if case .string(let text) = argument.defaultValue, let owner = untouched[argument.dest],
                argument.defaultValue == arguments[owner].defaultValue
            {
                namespace[argument.dest] = try argument.convert(text)
            }
        }
        guard missing.isEmpty else {
            throw .error("the following arguments are required: " + missing.joined(separator: ", "))
        }
    }
}
