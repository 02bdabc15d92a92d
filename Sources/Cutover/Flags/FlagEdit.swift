/// One change of the flags file as a value: what, by whom, why and when.
package struct FlagEdit: Sendable, Equatable {
    package enum Change: Sendable, Equatable {
        /// A switch gets this mode. Where the file has a more specific one, that one still wins.
        case set(FlagTarget, Mode)
        /// A switch is taken out.
        case unset(FlagTarget)
        /// A subsystem goes down to this mode; where the file has it lower, it stays there.
        case demote(Subsystem, to: Mode)
        /// All that the target names is legacy, whatever more specific switches say. `all` is `RINGRIFT_ROLLBACK=1`.
        case rollback(FlagTarget)
        /// The end of `RINGRIFT_ROLLBACK=1` in the file.
        case release
    }

    package var change: Change
    /// Unix seconds.
    package var time: Double
    package var who: String
    package var reason: String
    /// The mode in force before, for the note.
    package var was: Mode?

    package init(_ change: Change, time: Double, who: String, reason: String, was: Mode? = nil) {
        self.change = change
        self.time = time
        self.who = who
        self.reason = reason
        self.was = was
    }

    /// Whether it only takes subsystems down. Such a change holds at once, even when it cannot be written.
    package var isLowering: Bool {
        switch change {
        case .demote, .rollback: true
        case .set, .unset, .release: false
        }
    }

    /// What it names.
    package var target: FlagTarget {
        switch change {
        case .set(let target, _), .unset(let target), .rollback(let target): target
        case .demote(let subsystem, _): .subsystem(subsystem)
        case .release: .all
        }
    }
}
