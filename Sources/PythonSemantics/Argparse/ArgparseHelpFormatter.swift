/// Help and usage texts (`argparse.HelpFormatter` of CPython 3.11) at one width.
struct ArgparseHelpFormatter {
    let spec: ArgumentParserSpec
    /// Columns less two.
    let width: Int

    private static let maximumHelpPosition = 24
    private static let minimumTextWidth = 11
    /// Indentation of what stands under a heading.
    private static let indentation = 2

    init(spec: ArgumentParserSpec, columns: Int) {
        self.spec = spec
        width = columns - 2
    }

    func help() -> String {
        let position = helpPosition
        var text = usage() + "\n"
        if let description = spec.description { text += paragraph(description, indent: 0) }
        for section in sections() { text += format(section, helpPosition: position) }
        if let epilog = spec.epilog { text += paragraph(epilog, indent: 0) }
        return Self.tidy(text)
    }

    /// At most one empty line in a row, none at the ends.
    static func tidy(_ text: String) -> String {
        var out: [Unicode.Scalar] = []
        var newlines = 0
        for scalar in text.unicodeScalars {
            newlines = scalar == "\n" ? newlines + 1 : 0
            if newlines <= 2, !(out.isEmpty && newlines > 0) { out.append(scalar) }
        }
        while out.last == "\n" { out.removeLast() }
        return ArgText.string(out) + "\n"
    }

    // MARK: Sections

    private struct Section {
        let title: String
        let description: String?
        let arguments: [ArgumentSpec]
    }

    private func sections() -> [Section] {
        let ungrouped = spec.arguments.filter { $0.group == nil }
        let own = [
            Section(title: "positional arguments", description: nil, arguments: ungrouped.filter { !$0.isOption }),
            Section(title: "options", description: nil, arguments: ungrouped.filter(\.isOption)),
        ]
        return own
            + spec.groups.enumerated().map { number, group in
                Section(
                    title: group.title, description: group.description,
                    arguments: spec.arguments.filter { $0.group == number })
            }
    }

    private func format(_ section: Section, helpPosition: Int) -> String {
        var items = section.description.map { paragraph($0, indent: Self.indentation) } ?? ""
        for argument in section.arguments { items += item(argument, helpPosition: helpPosition) }
        return items.isEmpty ? "" : "\n\(section.title):\n\(items)\n"
    }

    /// Description, epilog or the text of a group, with the empty line after it.
    private func paragraph(_ source: String, indent: Int) -> String {
        let text = source.contains("%(prog)") ? ArgparseTemplate.expand(source, ["prog": .string(spec.prog)]) : source
        let prefix = ArgText.blanks(indent)
        switch spec.style {
        case .wrapped:
            let lines = ArgparseTextWrapper.wrap(
                ArgparseTextWrapper.collapse(text), width: max(width - indent, Self.minimumTextWidth), indent: prefix)
            return lines.joined(separator: "\n") + "\n\n"
        case .rawDescription:
            return Self.linesKeepingEnds(text).map { prefix + $0 }.joined() + "\n\n"
        }
    }

    /// `text.splitlines(keepends=True)`.
    private static func linesKeepingEnds(_ text: String) -> [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            line.append(scalar)
            guard ArgText.isLineBoundary(scalar) else { continue }
            if scalar == "\r", rest.first == "\n" { line.append(rest.removeFirst()) }
            lines.append(String(line))
            line = String.UnicodeScalarView()
        }
        return line.isEmpty ? lines : lines + [String(line)]
    }

    // MARK: One argument

    /// The column in which help texts start.
    private var helpPosition: Int {
        let longest = spec.arguments.map { ArgText.length(invocation($0)) + Self.indentation }.max() ?? 0
        return min(longest + 2, min(Self.maximumHelpPosition, max(width - 20, 2 * Self.indentation)))
    }

    private func item(_ argument: ArgumentSpec, helpPosition position: Int) -> String {
        let room = position - Self.indentation - 2
        let header = invocation(argument)
        let start = ArgText.blanks(Self.indentation) + header
        guard let help = argument.help, !help.isEmpty else { return start + "\n" }
        let fits = ArgText.length(header) <= room
        let head = fits ? start + ArgText.blanks(room - ArgText.length(header) + 2) : start + "\n"
        guard !ArgText.strip(help).isEmpty else { return fits ? head + "\n" : head }
        let text = ArgparseTextWrapper.collapse(ArgparseTemplate.expand(help, parameters(argument)))
        let lines = ArgparseTextWrapper.wrap(text, width: max(width - position, Self.minimumTextWidth))
        var out = head
        for (number, line) in lines.enumerated() {
            out += ArgText.blanks(number == 0 && fits ? 0 : position) + line + "\n"
        }
        return out
    }

    private func parameters(_ argument: ArgumentSpec) -> [String: ArgValue] {
        [
            "prog": .string(spec.prog),
            "default": argument.defaultValue,
            "const": argument.const,
            "dest": .string(argument.dest),
            "metavar": argument.metavar.map { .string($0) } ?? .none,
            "type": argument.takesArguments ? .string(argument.type.name) : .none,
            "choices": argument.choices.map { .string($0.map(\.pyStr).joined(separator: ", ")) } ?? .none,
        ]
    }

    private func invocation(_ argument: ArgumentSpec) -> String {
        guard argument.isOption else { return placeholder(argument) }
        guard argument.takesArguments else { return argument.optionStrings.joined(separator: ", ") }
        let values = arguments(of: argument)
        return argument.optionStrings.map { "\($0) \(values)" }.joined(separator: ", ")
    }

    /// How one value of the argument is named.
    private func placeholder(_ argument: ArgumentSpec) -> String {
        if let metavar = argument.metavar { return metavar }
        if let choices = argument.choices { return "{" + choices.map(\.pyStr).joined(separator: ",") + "}" }
        return argument.isOption ? argument.dest.uppercased() : argument.dest
    }

    /// How the values of the argument are shown together.
    func arguments(of argument: ArgumentSpec) -> String {
        let name = placeholder(argument)
        switch argument.count {
        case .single: return name
        case .optional: return "[\(name)]"
        case .zeroOrMore: return "[\(name) ...]"
        case .oneOrMore: return "\(name) [\(name) ...]"
        case .exactly(let count): return Array(repeating: name, count: count).joined(separator: " ")
        }
    }
}

extension ArgumentParserSpec {
    /// What `--help` prints.
    package func helpText(columns: Int) -> String {
        ArgparseHelpFormatter(spec: self, columns: columns).help()
    }

    /// What precedes an error.
    package func usageText(columns: Int) -> String {
        ArgparseHelpFormatter.tidy(ArgparseHelpFormatter(spec: self, columns: columns).usage())
    }
}
