/// Matches runs of argument strings to arguments, as argparse does with regular expressions over one letter a string:
/// `O` an option, `A` an argument, `-` the string `--`.
struct ArgumentPattern {
    enum Letter: Equatable { case option, argument, separator }

    private struct Element {
        let letters: [Letter]
        let isRepeated: Bool
        let isOptional: Bool
        let owner: Int
    }

    private var elements: [Element] = []
    private var owners = 0

    /// The letters of consecutive arguments, greedy from the left.
    init(_ arguments: [ArgumentSpec]) {
        for argument in arguments { add(argument) }
    }

    private mutating func add(_ argument: ArgumentSpec) {
        let owner = owners
        owners += 1
        // An option's arguments never contain `--`; a positional may have it anywhere.
        let separators = argument.isOption ? [] : [element([.separator], repeated: true, optional: true, owner)]
        let one = element([.argument], repeated: false, optional: false, owner)
        let rest: [Letter] = argument.isOption ? [.argument] : [.argument, .separator]
        let count = argument.takesArguments ? argument.count : .exactly(0)
        elements += separators
        switch count {
        case .single:
            elements += [one] + separators
        case .optional:
            elements += [element([.argument], repeated: false, optional: true, owner)] + separators
        case .zeroOrMore:
            elements += [element(rest, repeated: true, optional: true, owner)]
        case .oneOrMore:
            elements += [one, element(rest, repeated: true, optional: true, owner)]
        case .exactly(let count):
            for _ in 0..<count { elements += [one] + separators }
            if count == 0 { elements += separators }
        }
    }

    private func element(_ letters: [Letter], repeated: Bool, optional: Bool, _ owner: Int) -> Element {
        Element(letters: letters, isRepeated: repeated, isOptional: optional, owner: owner)
    }

    /// How many letters from the start each argument takes, nil when they do not match.
    func match(_ letters: ArraySlice<Letter>) -> [Int]? {
        var counts = [Int](repeating: 0, count: owners)
        return match(element: 0, letters, &counts) ? counts : nil
    }

    private func match(element index: Int, _ letters: ArraySlice<Letter>, _ counts: inout [Int]) -> Bool {
        guard index < elements.count else { return true }
        let element = elements[index]
        let limit = element.isRepeated ? letters.count : min(1, letters.count)
        let available = letters.prefix(limit).prefix { element.letters.contains($0) }.count
        let least = element.isOptional ? 0 : 1
        guard available >= least else { return false }
        for taken in stride(from: available, through: least, by: -1) {
            counts[element.owner] += taken
            if match(element: index + 1, letters.dropFirst(taken), &counts) { return true }
            counts[element.owner] -= taken
        }
        return false
    }
}
