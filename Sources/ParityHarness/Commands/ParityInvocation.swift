/// A command's way from its words to its exit status, alike for all of them: options, help, errors in one line.
struct ParityInvocation {
    /// `replay`.
    var name: String
    var table: [ParityOptions.Option]
    /// What the help says before the options; nil: only how the command is called.
    var about: String?
    /// The words that stand for themselves: what they are called, `ID`.
    var operands: [String] = []

    /// - Returns: what `body` returns; 0 after `--help`; 2 for wrong usage and when something could not be run;
    ///   128 + signal when interrupted.
    func run(_ arguments: [String], _ body: (ParityOptions) async throws -> Int32) async -> Int32 {
        do {
            let options = try ParityOptions(arguments, table: table, operands: operands.count)
            if options.has("--help") { return try ParityCommand.say(help) }
            return try await body(options)
        } catch let error as ParityOptions.UsageError {
            complain("\(error.text)\nTry 'ringrift parity \(name) --help'.")
            return 2
        } catch {
            complain("\(error)")
            return (error as? Interruption.Caught)?.exitCode ?? 2
        }
    }

    /// A line on standard error that begins with the command.
    func complain(_ text: String) { ParityCommand.complain("ringrift parity \(name): \(text)") }

    var help: String {
        let words = ["usage: ringrift parity", name] + operands + ["[options]\n\n"]
        return words.joined(separator: " ") + (about.map { $0 + "\n\n" } ?? "")
            + "options:\n\(ParityOptions.help(table))\n"
    }
}
