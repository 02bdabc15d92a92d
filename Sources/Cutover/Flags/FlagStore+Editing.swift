import NIOPosix

extension FlagStore {
    /// What became of an edit.
    package enum Outcome: Sendable, Equatable {
        /// In the file and in force.
        case written
        /// A demotion or rollback that is in force and could not be written; it is tried again at every look of
        /// ``FlagWatch``, and an alarm says so until then.
        case held(FlagFileStorage.Failure)
    }

    /// Changes the flags: demotions and rollbacks first in force and then in the file, all else the other way round.
    /// Blocks until the file is on the disk.
    ///
    /// - Throws: when a change that raises could not be written; nothing is changed then.
    @discardableResult
    package func apply(_ edit: FlagEdit) throws(FlagFileStorage.Failure) -> Outcome {
        var edit = edit
        let result: Result<Outcome, FlagFileStorage.Failure> = turn.withLock { _ in
            if edit.was == nil {
                let table = table
                let modes = Set(edit.target.subsystems.map(table.mode))
                if modes.count == 1 { edit.was = modes.first }
            }
            if edit.isLowering {
                state.withLock { $0.unwritten.append(edit) }
                publish(Self.reason(edit))
            }
            do throws(FlagFileStorage.Failure) {
                try write(edit.isLowering ? nil : edit)
                publish(Self.reason(edit))
                return .success(.written)
            } catch {
                state.withLock { state in
                    state.counters.failedWrites += 1
                    if edit.isLowering { state.writeFailure = "a demotion is not saved yet: \(error)" }
                }
                publish(Self.reason(edit))
                return edit.isLowering ? .success(.held(error)) : .failure(error)
            }
        }
        return try result.get()
    }

    /// As ``apply(_:)``, on a thread that may block.
    @discardableResult
    package func change(_ edit: FlagEdit) async throws -> Outcome {
        try await NIOThreadPool.singleton.runIfActive { try self.apply(edit) }
    }

    /// Tries again to write what is in force and not on the disk. Blocks.
    package func writeUnwritten() {
        turn.withLock { _ in
            guard state.withLock({ !$0.unwritten.isEmpty }) else { return }
            do throws(FlagFileStorage.Failure) {
                try write(nil)
                publish("written at last")
            } catch {
                state.withLock { $0.counters.failedWrites += 1 }
            }
        }
    }

    /// Writes what is unwritten and then `edit`. The caller has the turn.
    private func write(_ edit: FlagEdit?) throws(FlagFileStorage.Failure) {
        let (edits, basis) = state.withLock { state in
            (state.unwritten + (edit.map { [$0] } ?? []), state.good ?? FlagFile())
        }
        let written = try storage.edit(basis: basis) { file in edits.reduce(file) { $0.applying($1) } }
        state.withLock { state in
            state.accept(.bytes(written.bytes), atStart: false)
            state.unwritten = []
            state.writeFailure = nil
            state.counters.writes += 1
        }
        keepGood()
    }

    private static func reason(_ edit: FlagEdit) -> String {
        let action =
            switch edit.change {
            case .set: "set"
            case .unset: "unset"
            case .demote: "demotion"
            case .rollback: "rollback"
            case .release: "release"
            }
        return "\(action) by \(edit.who)" + (edit.reason.isEmpty ? "" : ": \(FlagAlarm.printable(edit.reason))")
    }
}
