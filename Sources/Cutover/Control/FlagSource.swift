/// Where a mode comes from, taken out of ``FlagTable/Entry/source``.
package struct FlagSource: Sendable, Equatable {
    package enum Kind: String, Sendable { case environment = "env", file, standard = "default" }

    package var kind: Kind
    /// Nil for the default and for a file nobody can read.
    package var variable: String?

    private static let filePrefix = "flags.env: "

    package init(_ source: String) {
        if source.hasPrefix(Self.filePrefix) {
            kind = .file
            let rest = String(source.dropFirst(Self.filePrefix.count))
            variable = FlagName(variable: rest) == nil ? nil : rest
        } else {
            kind = FlagName(variable: source) == nil ? .standard : .environment
            variable = kind == .environment ? source : nil
        }
    }

    /// The variable, when the flags file decided.
    package var fileVariable: String? { kind == .file ? variable : nil }

    /// At most 15 columns: `default`, `env`, `file` when the subsystem's own name decided, else with what it names:
    /// `file all`, `env program`, `file rollback`, `file unreadable`.
    package var short: String {
        guard kind != .standard else { return kind.rawValue }
        guard let variable, let name = FlagName(variable: variable) else { return "\(kind.rawValue) unreadable" }
        switch name {
        case .rollback: return "\(kind.rawValue) rollback"
        case .target(.subsystem): return kind.rawValue
        case .target(.program): return "\(kind.rawValue) program"
        case .target(.all): return "\(kind.rawValue) all"
        }
    }
}
