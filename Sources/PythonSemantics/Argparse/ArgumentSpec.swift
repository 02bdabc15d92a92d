/// How many argument strings an argument takes (argparse's `nargs`).
package enum ArgumentCount: Equatable, Sendable {
    /// `None`: one string, one value.
    case single
    /// `'?'`
    case optional
    /// `'*'`
    case zeroOrMore
    /// `'+'`
    case oneOrMore
    /// A number: a list of that many values.
    case exactly(Int)
}

/// What an argument does when it is met (argparse's `action`).
package enum ArgumentAction: Equatable, Sendable {
    case store
    case storeConst(ArgValue)
    case storeTrue
    case storeFalse
    case append
    case count
    /// `BooleanOptionalAction`: `--x` and `--no-x`.
    case booleanOptional
    case help
}

/// One `add_argument` call: option strings, or the destination of a positional.
package struct ArgumentSpec: Sendable {
    /// As given; for a positional one name without a dash.
    package let names: [String]
    package let action: ArgumentAction
    package let count: ArgumentCount
    /// The value of an option with `nargs='?'` that stands without an argument.
    package let const: ArgValue
    /// nil: not given, so the action's own default.
    package let givenDefault: ArgValue?
    package let type: ArgumentType
    package let choices: [ArgValue]?
    package let isRequired: Bool
    /// nil: no help text.
    package let help: String?
    package let metavar: String?
    package let dest: String
    /// Index into `ArgumentParserSpec.groups`; nil: `positional arguments` or `options`.
    package let group: Int?

    package init(
        _ names: String..., action: ArgumentAction = .store, count: ArgumentCount = .single, const: ArgValue = .none,
        default givenDefault: ArgValue? = nil, type: ArgumentType = .string, choices: [ArgValue]? = nil,
        required: Bool = false, help: String? = nil, metavar: String? = nil, dest: String? = nil, group: Int? = nil
    ) {
        precondition(!names.isEmpty, "An argument needs a name: pass an option string or the name of a positional.")
        self.names = names
        self.action = action
        self.count = count
        self.const = const
        self.givenDefault = givenDefault
        self.type = type
        self.choices = choices
        self.help = help
        self.metavar = metavar
        self.group = group
        self.dest = dest ?? Self.inferredDest(names)
        if names[0].utf8.first == UInt8(ascii: "-") {
            self.isRequired = required
        } else {
            self.isRequired = count != .optional && !(count == .zeroOrMore && givenDefault != nil)
        }
    }

    package var isOption: Bool { names[0].utf8.first == UInt8(ascii: "-") }

    /// The option strings in the order in which they are matched and shown; empty for a positional.
    package var optionStrings: [String] {
        guard isOption else { return [] }
        guard action == .booleanOptional else { return names }
        return names.flatMap { ArgText.hasPrefix($0, "--") ? [$0, "--no-" + $0.dropFirst(2)] : [$0] }
    }

    package var defaultValue: ArgValue {
        if let givenDefault { return givenDefault }
        switch action {
        case .storeTrue: return .bool(false)
        case .storeFalse: return .bool(true)
        case .store, .storeConst, .append, .count, .booleanOptional, .help: return .none
        }
    }

    /// Whether the action takes argument strings at all.
    package var takesArguments: Bool {
        switch action {
        case .store, .append: true
        case .storeConst, .storeTrue, .storeFalse, .count, .booleanOptional, .help: false
        }
    }

    /// The name that errors use: `-f/--foo`, the metavar or the destination.
    package var displayName: String {
        isOption ? optionStrings.joined(separator: "/") : metavar ?? dest
    }

    private static func inferredDest(_ names: [String]) -> String {
        let chosen = names.first { ArgText.hasPrefix($0, "--") } ?? names[0]
        guard chosen.utf8.first == UInt8(ascii: "-") else { return chosen }
        return String(chosen.drop { $0 == "-" }.map { $0 == "-" ? "_" : $0 })
    }
}
