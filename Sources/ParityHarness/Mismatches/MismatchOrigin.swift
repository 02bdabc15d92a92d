import Foundation

/// How the two sides of a run were started, so that one mismatch can be played again.
package struct MismatchOrigin: Sendable, Equatable {
    /// One side.
    package struct Start: Sendable, Equatable {
        /// Tree that was copied into the sandbox; nil: an empty one.
        package var tree: String?
        package var command: String
        /// The variables that the harness set; not those it inherited.
        package var environment: [String: String]
        /// Names of variables whose values are not kept, because they may be secrets.
        package var withheld: [String]

        /// - Parameters:
        ///   - environment: all variables of the node.
        ///   - inherited: those that every node gets from the harness's own environment.
        package init(
            tree: String?, command: String, environment: [String: String],
            inherited: [String: String] = ParityPlaces.environment()
        ) {
            self.tree = tree
            self.command = command
            let own = environment.filter { inherited[$0.key] != $0.value }
            self.environment = own.filter { !Self.isSecret($0.key) }
            withheld = own.keys.filter(Self.isSecret).sorted()
        }

        init(tree: String?, command: String, environment: [String: String], withheld: [String]) {
            self.tree = tree
            self.command = command
            self.environment = environment
            self.withheld = withheld
        }

        /// Whether a variable of this name may hold something that must not be written to a file.
        static func isSecret(_ name: String) -> Bool {
            let upper = name.uppercased()
            return ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "KEY", "COOKIE", "AUTH"].contains {
                upper.contains($0)
            }
        }
    }

    /// `replay` or `run`.
    package var command: String
    package var candidate: Start
    /// nil: the references are recordings.
    package var legacy: Start?
    /// How often the legacy was started.
    package var takes: Int
    package var python: String?
    /// Files of rules and of divergences.
    package var rules: String
    package var divergences: String
    /// File of headers and pages; nil: the project's.
    package var answers: String?
    /// `replay`, `run` or `deterministic`, `slice` or `all`: which rules hold.
    package var context: Set<String>
    /// Root of the random streams of a run on the virtual clock; nil: it was on real time.
    package var seed: String?

    package init(
        command: String, candidate: Start, legacy: Start? = nil, takes: Int = 0, python: String? = nil,
        rules: String, divergences: String, answers: String? = nil, context: Set<String>, seed: String? = nil
    ) {
        self.command = command
        self.candidate = candidate
        self.legacy = legacy
        self.takes = takes
        self.python = python
        self.rules = rules
        self.divergences = divergences
        self.answers = answers
        self.context = context
        self.seed = seed
    }
}

extension MismatchOrigin {
    init(_ command: String, _ options: ParityOptions, _ inputs: ParityInputs, tree: String?) {
        func file(_ option: String, _ standard: String) -> String {
            options.text(option).map(ParityPlaces.absolute) ?? ParityPlaces.project(standard)
        }
        self.init(
            command: command,
            candidate: Start(
                tree: tree, command: inputs.candidate, environment: inputs.candidateEnvironment),
            python: inputs.python, rules: file("--rules", "parity/rules.yaml"),
            divergences: file("--divergences", "parity/divergences.yaml"),
            answers: options.text("--answers").map(ParityPlaces.absolute), context: inputs.context,
            seed: inputs.determinism?.seed)
    }
}
