/// Which mode each subsystem is in and which source decided, as one immutable table: DESIGN section 3 "Flags".
///
/// Within one source the most specific name wins. Environment and flags file combine to the lower of the two, so that
/// neither can undo the other's rollback.
package struct FlagTable: Sendable, Equatable {
    /// The mode of one subsystem and where it comes from.
    package struct Entry: Sendable, Equatable {
        package var mode: Mode
        /// A variable's name, `flags.env: ` and a name, `flags.env: unreadable`, or `default`.
        package var source: String

        package init(mode: Mode, source: String) {
            self.mode = mode
            self.source = source
        }
    }

    package private(set) var entries: [Subsystem: Entry] = [:]
    /// Of the environment in the order of the names, then of the file in the order of the lines.
    package let alarms: [FlagAlarm]
    /// The two sources by themselves, for a status that shows both.
    package let environment: FlagSettings
    package let file: FlagSettings

    /// - Parameters:
    ///   - environment: the process's variables.
    ///   - file: nil when there is none.
    ///   - fallback: the mode when nothing is set: `swift` for `ringrift …`, `legacy` under an installed shim.
    ///   - isFileUnreadable: there is a file, and nobody knows what it says: everything is legacy, because it may hold a
    ///     rollback.
    package init(
        environment: [String: String], file: FlagFile? = nil, fallback: Mode = .swift, isFileUnreadable: Bool = false
    ) {
        self.environment = FlagSettings(environment: environment)
        self.file = file?.settings ?? FlagSettings()
        alarms = Self.alarms(environment) + (file?.alarms ?? [])
        for subsystem in Subsystem.allCases {
            entries[subsystem] =
                Self.lower(
                    self.environment.setting(subsystem).map { Entry(mode: $0.mode, source: $0.variable) },
                    isFileUnreadable
                        ? Entry(mode: .legacy, source: "flags.env: unreadable")
                        : self.file.setting(subsystem).map { Entry(mode: $0.mode, source: "flags.env: \($0.variable)") }
                )
                ?? Entry(mode: fallback, source: "default")
        }
    }

    /// Of two equal ones the environment is named: a change of the file alone cannot raise the mode.
    private static func lower(_ environment: Entry?, _ file: Entry?) -> Entry? {
        guard let environment, let file else { return environment ?? file }
        return file.mode < environment.mode ? file : environment
    }

    /// A typo is told also where a more specific name or the rollback decides.
    private static func alarms(_ environment: [String: String]) -> [FlagAlarm] {
        environment.sorted { $0.key < $1.key }.compactMap { variable, value in
            if let name = FlagName(variable: variable) {
                return value.isEmpty || name.allowedValues.contains(value)
                    ? nil : FlagAlarm(problem: .unknownValue, variable: variable, value: value)
            }
            guard variable.hasPrefix("RINGRIFT_IMPL_"), variable != FlagFile.pathVariable else { return nil }
            return FlagAlarm(problem: .unknownName, variable: variable, value: value)
        }
    }

    package func mode(_ subsystem: Subsystem) -> Mode { entries[subsystem]?.mode ?? .legacy }

    /// The one mode all subsystems of a program share, nil when they differ.
    package func commonMode(_ program: Program) -> Mode? {
        let modes = Set(program.subsystems.map(mode))
        return modes.count == 1 ? modes.first : nil
    }

    /// The subsystems whose mode differs, in the order of their declaration.
    package func changed(since old: FlagTable) -> [Subsystem] {
        Subsystem.allCases.filter { mode($0) != old.mode($0) }
    }
}
