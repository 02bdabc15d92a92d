/// A titled section of the help (argparse's `add_argument_group`).
package struct ArgumentGroupSpec: Sendable {
    package let title: String
    package let description: String?

    package init(title: String, description: String? = nil) {
        self.title = title
        self.description = description
    }
}

/// How the help's running text is laid out.
package enum HelpStyle: Sendable {
    /// `HelpFormatter`: everything is wrapped.
    case wrapped
    /// `RawDescriptionHelpFormatter`: description and epilog keep their line breaks.
    case rawDescription
}

/// A command line as argparse of CPython 3.11 would be told about it. `-h`/`--help` is always there, first.
package struct ArgumentParserSpec: Sendable {
    package let prog: String
    package let description: String?
    package let epilog: String?
    package let style: HelpStyle
    /// With the help option in front.
    package let arguments: [ArgumentSpec]
    package let groups: [ArgumentGroupSpec]

    package init(
        prog: String, description: String? = nil, epilog: String? = nil, style: HelpStyle = .wrapped,
        groups: [ArgumentGroupSpec] = [], _ arguments: [ArgumentSpec]
    ) {
        let help = ArgumentSpec("-h", "--help", action: .help, help: "show this help message and exit")
        self.prog = prog
        self.description = description
        self.epilog = epilog
        self.style = style
        self.groups = groups
        self.arguments = [help] + arguments
    }

    /// Reads a command line. Pure: what has to be printed is in the outcome.
    /// - Parameters:
    ///   - args: what follows the program's name.
    ///   - columns: the terminal's width in characters (`TerminalColumns`).
    package func parse(_ args: [String], columns: Int) -> ParseOutcome {
        var run = ArgumentParseRun(spec: self, args: args)
        do {
            return .values(try run.run())
        } catch {
            switch error {
            case .help:
                return .exit(status: 0, stdout: helpText(columns: columns), stderr: "")
            case .error(let message):
                let stderr = usageText(columns: columns) + "\(prog): error: \(message)\n"
                return .exit(status: 2, stdout: "", stderr: stderr)
            }
        }
    }
}

/// What a command line comes to.
package enum ParseOutcome: Equatable, Sendable {
    /// The namespace, by destination.
    case values([String: ArgValue])
    /// The program prints these texts and ends.
    case exit(status: Int32, stdout: String, stderr: String)
}
