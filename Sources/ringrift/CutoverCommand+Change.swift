import Cutover
import Foundation

extension CutoverCommand {
    /// `set`, `unset`, `rollback`, `release`: edits the flags file and waits for the node.
    /// - Returns: 0 in force, or no node runs; 1 written and not in force.
    func change(_ command: String, _ options: CutoverOptions) async throws -> Int32 {
        let changes = try Self.changes(command, options.operands)
        let seconds = try options.number("--wait", default: 10, in: 0...3600)
        let place = try await CutoverPlace.find(options, environment, writes: true)
        let before = place.table(environment)
        let edits = changes.map { change in
            var edit = FlagEdit(
                change, time: Date().timeIntervalSince1970, who: who, reason: options.value("--reason") ?? "")
            let modes = Set(edit.target.subsystems.compactMap { before.row($0)?.wanted })
            if modes.count == 1 { edit.was = modes.first }
            return edit
        }
        let writing = CutoverChange(storage: place.storage, client: place.client)
        let written: CutoverChange.Written
        do throws(FlagFileStorage.Failure) { written = try writing.write(edits) } catch {
            await place.client.shutdown()
            throw CutoverOptions.Misuse(description: "\(error)")
        }
        Self.print("written to \(place.storage.path)")
        Self.advise(changes, before, written.file)
        let confirmation = await writing.confirm(written, seconds: seconds)
        await place.client.shutdown()
        return Self.report(confirmation, changes, place, seconds)
    }

    /// - Throws: `FlagRefusal` for what names nothing.
    private static func changes(_ command: String, _ operands: [String]) throws -> [FlagEdit.Change] {
        switch command {
        case "set":
            guard !operands.isEmpty else {
                throw CutoverOptions.Misuse(description: "set needs SUBSYSTEM=MODE")
            }
            return try operands.map { text in
                let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                guard parts.count == 2 else {
                    throw FlagRefusal(
                        problem: "'\(FlagAlarm.printable(text))' is not SUBSYSTEM=MODE",
                        allowed: Mode.allCases.map(\.rawValue))
                }
                return .set(try FlagTarget.parse(parts[0]), try Mode.parse(parts[1]))
            }
        case "unset":
            guard !operands.isEmpty else { throw CutoverOptions.Misuse(description: "unset needs SUBSYSTEM") }
            return try operands.map { .unset(try FlagTarget.parse($0)) }
        case "rollback":
            return operands.isEmpty ? [.rollback(.all)] : try operands.map { .rollback(try FlagTarget.parse($0)) }
        default:
            if let first = operands.first {
                throw CutoverOptions.Misuse(
                    description: "\(command) takes no argument: \(FlagAlarm.printable(first)) (it ends a rollback of "
                        + "everything; `set` and `unset` end those of single subsystems)")
            }
            return [.release]
        }
    }

    /// What the operator should know before waiting.
    private static func advise(_ changes: [FlagEdit.Change], _ before: CutoverStatus, _ file: FlagFile) {
        for case .set(let target, let mode) in changes {
            for subsystem in target.subsystems {
                guard let row = before.row(subsystem), row.since != nil, mode > row.mode, mode >= .live,
                    row.mode < .live, !row.comparison.isReady
                else { continue }
                print(
                    "note: \(subsystem.rawValue) goes to \(mode.rawValue) without evidence (\(row.comparison.verdict))")
            }
        }
        if file.settings.isRolledBack, !changes.contains(.rollback(.all)) {
            print("note: RINGRIFT_ROLLBACK=1 in the file keeps everything on legacy")
        }
    }

    private static func report(
        _ confirmation: CutoverChange.Confirmation, _ changes: [FlagEdit.Change], _ place: CutoverPlace,
        _ seconds: Double
    ) -> Int32 {
        func say(_ text: String) { print(StatusText.wrapped(text, "  ").joined(separator: "\n")) }
        let node = "the node at \(place.client.address)"
        switch confirmation {
        case .inForce(let status, let seconds):
            let misses = misses(changes, status)
            for line in misses { say(line) }
            say("\(node) serves so since \(Int((seconds * 1000).rounded(.up))) ms after the change")
            return misses.isEmpty ? 0 : 1
        case .waiting(let status):
            say("\(node) has read it, and it is not in force after \(Int(seconds)) s:")
            for row in status.subsystems where row.mode != row.wanted {
                say("  \(row.subsystem.rawValue): \(row.mode.rawValue) serves until \(row.wanted.rawValue) can")
            }
            say("  standby \(StatusText.standby(status.standby))")
            return 1
        case .notTaken(let status):
            say("\(node) has not read it after \(Int(seconds)) s; it follows \(status.flags.path)")
            return 1
        case .notAFront(let reason):
            say(
                "\(node) is no front (\(reason)): it was started with everything on legacy and is the old program and "
                    + "nothing of ours. A restart is needed for the flags to count.")
            return 1
        case .unreachable(let reason):
            say("\(node) is not there (\(reason)): the flags count from its next start")
            return 0
        }
    }

    /// What was set and is not what serves, and why.
    private static func misses(_ changes: [FlagEdit.Change], _ status: CutoverStatus) -> [String] {
        changes.flatMap { change -> [String] in
            let (target, wanted): (FlagTarget, Mode)
            switch change {
            case .set(let of, let mode): (target, wanted) = (of, mode)
            case .rollback(let of): (target, wanted) = (of, .legacy)
            case .unset, .release, .demote: return []
            }
            return target.subsystems.compactMap { status.row($0) }.filter { $0.mode != wanted }.map { row in
                "\(row.subsystem.rawValue) stays \(row.mode.rawValue): \(row.source) decides"
            }
        }
    }
}
