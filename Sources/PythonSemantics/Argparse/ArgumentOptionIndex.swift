/// What a command line string that looks like an option turned out to be.
enum OptionMatch: Equatable {
    /// Index of the argument, its full option string, and the text joined to it (`--x=text`, `-xtext`).
    case known(argument: Int, option: String, explicit: String?)
    case unknown
}

/// The option strings of a command line, in order of definition.
struct ArgumentOptionIndex {
    private let entries: [(option: String, argument: Int)]
    private let hasNegativeNumberOptions: Bool

    init(_ arguments: [ArgumentSpec]) {
        entries = arguments.enumerated().flatMap { position, argument in
            argument.optionStrings.map { ($0, position) }
        }
        hasNegativeNumberOptions = entries.contains { Self.looksLikeNegativeNumber($0.option) }
    }

    func argument(named option: String) -> Int? {
        entries.first { ArgText.equal($0.option, option) }?.argument
    }

    /// nil: the string is an argument, not an option.
    func classify(_ arg: String) throws(ArgumentParseEnd) -> OptionMatch? {
        guard arg.utf8.first == UInt8(ascii: "-") else { return nil }
        if let argument = argument(named: arg) { return .known(argument: argument, option: arg, explicit: nil) }
        if ArgText.length(arg) == 1 { return nil }
        if let (option, explicit) = ArgText.splitOnce(arg, at: "="), let argument = argument(named: option) {
            return .known(argument: argument, option: option, explicit: explicit)
        }
        let candidates = abbreviations(of: arg)
        if candidates.count > 1 {
            let matches = candidates.map(\.option).joined(separator: ", ")
            throw .error("ambiguous option: \(arg) could match \(matches)")
        }
        if let only = candidates.first {
            return .known(argument: only.argument, option: only.option, explicit: only.explicit)
        }
        if Self.looksLikeNegativeNumber(arg), !hasNegativeNumberOptions { return nil }
        if arg.unicodeScalars.contains(" ") { return nil }
        return .unknown
    }

    /// Every reading of a string as the start of an option, or as a one-letter option with its argument.
    private func abbreviations(of arg: String) -> [(argument: Int, option: String, explicit: String?)] {
        if ArgText.hasPrefix(arg, "--") {
            let (prefix, explicit) = ArgText.splitOnce(arg, at: "=").map { ($0, $1 as String?) } ?? (arg, nil)
            return entries.filter { ArgText.hasPrefix($0.option, prefix) }.map { ($0.argument, $0.option, explicit) }
        }
        let letter = ArgText.string(arg.unicodeScalars.prefix(2))
        let rest = ArgText.string(arg.unicodeScalars.dropFirst(2))
        return entries.compactMap { entry in
            if ArgText.equal(entry.option, letter) { return (entry.argument, entry.option, rest) }
            if ArgText.hasPrefix(entry.option, arg) { return (entry.argument, entry.option, nil) }
            return nil
        }
    }

    /// `^-\d+$|^-\d*\.\d+$`, where `$` also stands before a final newline.
    static func looksLikeNegativeNumber(_ text: String) -> Bool {
        var scalars = Array(text.unicodeScalars)
        guard scalars.first == "-" else { return false }
        scalars.removeFirst()
        if scalars.last == "\n" { scalars.removeLast() }
        let isDigit = { (scalar: Unicode.Scalar) in ArgText.decimalDigit(scalar) != nil }
        let whole = scalars.prefix(while: isDigit)
        let rest = scalars.dropFirst(whole.count)
        if rest.isEmpty { return !whole.isEmpty }
        return rest.first == "." && rest.count > 1 && rest.dropFirst().allSatisfy(isDigit)
    }
}
