/// Which mode each subsystem is in and which source decided, as one immutable table.
///
/// This is the environment's part of DESIGN section 3 "Flags": `RINGRIFT_ROLLBACK`, `RINGRIFT_IMPL`, the variables per
/// program and per subsystem. The flags file and its reload come with the cutover core.
package struct FlagTable: Sendable, Equatable {
    /// The mode of one subsystem and where it comes from.
    package struct Entry: Sendable, Equatable {
        package var mode: Mode
        /// A variable's name, or `default`.
        package var source: String
    }

    /// Something in the environment that was not understood. It never stops a node.
    package struct Alarm: Sendable, Equatable, CustomStringConvertible {
        package enum Problem: Sendable, Equatable {
            /// `legacy` is taken for what the variable names.
            case unknownValue
            /// The variable changes nothing.
            case unknownName
        }

        package var problem: Problem
        package var variable: String
        package var value: String
        package var description: String {
            switch problem {
            case .unknownValue:
                "\(variable)=\(value): unknown value, taken as legacy (allowed: legacy, shadow, live, swift)"
            case .unknownName: "\(variable)=\(value): unknown name, ignored"
            }
        }
    }

    package private(set) var entries: [Subsystem: Entry] = [:]
    /// In the order of the variables' names, one each.
    package private(set) var alarms: [Alarm] = []

    /// - Parameters:
    ///   - environment: the process's variables.
    ///   - fallback: the mode when nothing is set: `swift` for `ringrift …`, `legacy` under an installed shim.
    package init(environment: [String: String], fallback: Mode = .swift) {
        alarms = Self.alarms(environment)
        for subsystem in Subsystem.allCases {
            if environment["RINGRIFT_ROLLBACK"] == "1" {
                entries[subsystem] = Entry(mode: .legacy, source: "RINGRIFT_ROLLBACK")
                continue
            }
            // Within one source the most specific name wins.
            let names = [subsystem.variable, subsystem.program.variable, "RINGRIFT_IMPL"]
            guard let name = names.first(where: { !(environment[$0] ?? "").isEmpty }), let value = environment[name]
            else {
                entries[subsystem] = Entry(mode: fallback, source: "default")
                continue
            }
            entries[subsystem] = Entry(mode: Mode(rawValue: value) ?? .legacy, source: name)
        }
    }

    /// A typo is told also where a more specific name or the rollback decides.
    private static func alarms(_ environment: [String: String]) -> [Alarm] {
        let known = Set(
            ["RINGRIFT_IMPL"] + Program.allCases.map(\.variable) + Subsystem.allCases.map(\.variable))
        return environment.sorted { $0.key < $1.key }.compactMap { name, value in
            if known.contains(name) {
                return value.isEmpty || Mode(rawValue: value) != nil
                    ? nil : Alarm(problem: .unknownValue, variable: name, value: value)
            }
            guard name.hasPrefix("RINGRIFT_IMPL_"), name != "RINGRIFT_IMPL_FILE" else { return nil }
            return Alarm(problem: .unknownName, variable: name, value: value)
        }
    }

    package func mode(_ subsystem: Subsystem) -> Mode { entries[subsystem]?.mode ?? .legacy }

    /// The one mode all subsystems of a program share, nil when they differ.
    package func commonMode(_ program: Program) -> Mode? {
        let modes = Set(program.subsystems.map(mode))
        return modes.count == 1 ? modes.first : nil
    }
}
