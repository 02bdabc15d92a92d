/// What one switch names: everything, a program, or a subsystem.
package enum FlagTarget: Sendable, Hashable, CustomStringConvertible {
    case all
    case program(Program)
    case subsystem(Subsystem)

    /// From the widest to the most specific.
    package static let every: [FlagTarget] =
        [.all] + Program.allCases.map { .program($0) } + Subsystem.allCases.map { .subsystem($0) }

    /// `RINGRIFT_IMPL`, `RINGRIFT_IMPL_P2P`, `RINGRIFT_IMPL_P2P_TRAINING`, …
    package var variable: String {
        switch self {
        case .all: "RINGRIFT_IMPL"
        case .program(let program): program.variable
        case .subsystem(let subsystem): subsystem.variable
        }
    }

    /// As an operator names it: `all`, `p2p`, `p2p.training`.
    package var description: String {
        switch self {
        case .all: "all"
        case .program(let program): program.rawValue
        case .subsystem(let subsystem): subsystem.rawValue
        }
    }

    package var subsystems: [Subsystem] {
        switch self {
        case .all: Subsystem.allCases
        case .program(let program): program.subsystems
        case .subsystem(let subsystem): [subsystem]
        }
    }

    /// The targets that can name this subsystem, the most specific first: the order in which one source is read.
    package static func naming(_ subsystem: Subsystem) -> [FlagTarget] {
        [.subsystem(subsystem), .program(subsystem.program), .all]
    }
}

/// A name that means something in the environment and in the flags file.
package enum FlagName: Sendable, Hashable {
    case target(FlagTarget)
    case rollback

    package static let rollbackVariable = "RINGRIFT_ROLLBACK"

    package var variable: String {
        switch self {
        case .target(let target): target.variable
        case .rollback: Self.rollbackVariable
        }
    }

    package static let every: [FlagName] = [.rollback] + FlagTarget.every.map { .target($0) }

    private static let byVariable = Dictionary(uniqueKeysWithValues: every.map { ($0.variable, $0) })

    /// - Returns: nil when the variable names nothing.
    package init?(variable: String) {
        guard let name = Self.byVariable[variable] else { return nil }
        self = name
    }

    /// What may be written after the `=`. Empty means not set.
    package var allowedValues: [String] {
        switch self {
        case .target: Mode.allCases.map(\.rawValue)
        case .rollback: ["0", "1"]
        }
    }
}
