/// The options of the commands; what several have is written once.
extension ParityOptions {
    static let helpFlag = Option(name: "--help", value: nil, help: "show this and exit")
    static let only = Option(name: "--only", value: "NAME", help: "only this scenario (again for more; * allowed)")
    static let candidateEnvironment = Option(
        name: "--env", value: "NAME=VALUE", help: "variable for the candidate (again for more)")
    static let legacyEnvironment = Option(
        name: "--legacy-env", value: "NAME=VALUE", help: "variable for the legacy (again for more)")
    static let json = Option(name: "--json", value: "FILE", help: "write the report as JSON, too")
    static let store = Option(
        name: "--store", value: "DIR", help: "where mismatches are kept (default: \(MismatchStore.standard))")

    /// Named rules and listed differences.
    /// - Parameter then: what holds without them is what held in an earlier run.
    static func rules(then: Bool = false) -> [Option] {
        [
            Option(
                name: "--rules", value: "FILE",
                help: "named loosenings (default: \(then ? "as then" : "parity/rules.yaml"))"),
            Option(
                name: "--divergences", value: "FILE",
                help: "listed differences (default: \(then ? "as then" : "parity/divergences.yaml"))"),
        ]
    }

    static func answers(then: Bool = false) -> Option {
        Option(
            name: "--answers", value: "FILE",
            help: "headers and pages (default: \(then ? "as then" : "parity/answers.yaml"))")
    }

    /// Where a report goes, beside the terminal.
    static let reports: [Option] = [
        json,
        Option(name: "--junit", value: "FILE", help: "write the report as JUnit XML, too"),
        Option(name: "--html", value: "FILE", help: "write the report as one HTML page, too"),
        Option(name: "--quiet", value: nil, help: "print only what differs, and the summary"),
    ]

    static let folders: [Option] = [
        Option(name: "--scenarios", value: "DIR", help: "scenario files (default: parity/scenarios)"),
        Option(name: "--recordings", value: "DIR", help: "recordings, or a folder that holds scenarios, too"),
    ]

    static let common: [Option] =
        folders + [
            only,
            Option(name: "--all", value: nil, help: "every step, not only those of the slice"),
            Option(name: "--slice", value: "FILE", help: "what the slice is (default: parity/slice.yaml)"),
        ] + rules() + [
            answers(),
            Option(
                name: "--candidate", value: "'CMD {args}'", help: "the node to judge (default: ringrift p2p {args})"),
            candidateEnvironment,
            Option(name: "--python", value: "PROGRAM", help: "interpreter for helper programs of scenarios"),
            Option(
                name: "--deterministic", value: nil,
                help: "virtual clock, labelled random streams, fixed probes: compare whole bodies"),
            Option(name: "--seed", value: "TEXT", help: "root of the random streams (default: ringrift)"),
        ] + reports + [
            store,
            Option(name: "--jobs", value: "N", help: "sandboxes at once (default: two a core)"),
            Option(name: "--timeout", value: "SECONDS", help: "for each sandbox (default: by the scenario's length)"),
            Option(name: "--no-sandbox", value: nil, help: "without namespaces, where they are not allowed"),
            Option(name: "--list", value: nil, help: "print the scenarios, play nothing"),
            Option(name: "--keep", value: "DIR", help: "keep what was observed, in the form of recordings"),
            helpFlag,
        ]

    static let replay: [Option] = [
        Option(
            name: "--tree", value: "PATH|bundled", help: "tree the candidate works in (default: an empty one)")
    ]

    static let run: [Option] = [
        Option(
            name: "--legacy-root", value: "PATH|bundled", help: "the legacy's ai-service (default: bundled)"),
        Option(
            name: "--legacy-python", value: "PROGRAM",
            help: "its interpreter (default: the tree's venv, RINGRIFT_VENV, python3)"),
        legacyEnvironment,
        Option(name: "--no-noise", value: nil, help: "start the legacy once, do not learn what is noise"),
    ]

    static let legacy: [Option] = run.filter { $0.name != "--no-noise" }

    static let record: [Option] =
        legacy + replay + [
            Option(name: "--out", value: "DIR", help: "where the recordings go (default: recordings)"),
            Option(name: "--takes", value: "N", help: "record N times, into DIR/a, DIR/b, …"),
            Option(name: "--force", value: nil, help: "replace recordings that are there"),
        ]
        + common.filter {
            !["--all", "--slice", "--rules", "--divergences", "--answers", "--json", "--keep"].contains($0.name)
        }
}
