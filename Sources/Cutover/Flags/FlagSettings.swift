/// The switches of one source (the environment, or the flags file), by name; an empty value is not set.
package struct FlagSettings: Sendable, Equatable {
    /// What one source says about one subsystem.
    package struct Setting: Sendable, Equatable {
        package var mode: Mode
        /// The variable that says so.
        package var variable: String

        package init(mode: Mode, variable: String) {
            self.mode = mode
            self.variable = variable
        }
    }

    private var values: [FlagName: String] = [:]

    package init() {}

    /// - Parameter environment: variables that name nothing are left out.
    package init(environment: [String: String]) {
        for (variable, value) in environment {
            if let name = FlagName(variable: variable) { self[name] = value }
        }
    }

    package subscript(_ name: FlagName) -> String? {
        get { values[name] }
        set { values[name] = newValue.flatMap { $0.isEmpty ? nil : $0 } }
    }

    /// An unknown value is `legacy` for what it names, and so a typo in the rollback is a rollback.
    package var isRolledBack: Bool { values[.rollback].map { $0 != "0" } ?? false }

    /// - Returns: nil when this source does not name the subsystem.
    package func setting(_ subsystem: Subsystem) -> Setting? {
        if isRolledBack { return Setting(mode: .legacy, variable: FlagName.rollbackVariable) }
        for target in FlagTarget.naming(subsystem) {
            if let value = values[.target(target)] {
                return Setting(mode: Mode(rawValue: value) ?? .legacy, variable: target.variable)
            }
        }
        return nil
    }
}
