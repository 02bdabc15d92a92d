extension FlagFile {
    /// So many notes are kept of each name, the newest ones.
    package static let notesPerName = 20

    /// The file after a change. Lines the change does not name stay as they are.
    package func applying(_ edit: FlagEdit) -> FlagFile {
        var file = self
        switch edit.change {
        case .set(let target, let mode): file.write(.target(target), mode.rawValue, .set, edit)
        case .unset(let target): file.write(.target(target), "", .unset, edit)
        case .demote(let subsystem, let mode):
            let lower = min(settings.modeByTarget(subsystem) ?? mode, mode)
            file.write(.target(.subsystem(subsystem)), lower.rawValue, .demotion, edit)
        case .rollback(.all): file.write(.rollback, "1", .rollback, edit)
        case .rollback(let target):
            file.write(.target(target), Mode.legacy.rawValue, .rollback, edit)
            guard case .program(let program) = target else { break }
            for subsystem in program.subsystems where file.settings.modeByTarget(subsystem) != .legacy {
                file.write(.target(.subsystem(subsystem)), Mode.legacy.rawValue, .rollback, edit)
            }
        case .release: file.write(.rollback, "", .release, edit)
        }
        return file
    }

    /// Sets a name (an empty value takes it out) with its note above. The last of several lines is the one that stays.
    private mutating func write(_ name: FlagName, _ value: String, _ action: FlagNote.Action, _ edit: FlagEdit) {
        let note = FlagNote(
            time: Int(exactly: edit.time.rounded(.down)) ?? 0, action: action, variable: name.variable, value: value,
            who: edit.who, was: edit.was, reason: edit.reason)
        var written = [Line(note.line)]
        var assignment = Line.Assignment(name: name, value: value)
        let found = lines.indices.filter { lines[$0].name == name }
        if let last = found.last, case .assignment(let old) = lines[last].content {
            assignment.before = old.before
            assignment.after = old.after
        }
        if !value.isEmpty {
            written.append(Line(assignment.text))
        } else if !assignment.after.isEmpty {
            written.append(Line(String(assignment.after.drop { $0 == " " })))
        }
        let place = found.last.map { $0 - (found.count - 1) } ?? lines.endIndex
        for index in found.reversed() { lines.remove(at: index) }
        lines.insert(contentsOf: written, at: place)
        dropOldNotes(of: name)
    }

    private mutating func dropOldNotes(of name: FlagName) {
        let notes = lines.indices.compactMap { index -> (time: Int, index: Int)? in
            guard case .note(let note) = lines[index].content, note.variable == name.variable else { return nil }
            return (note.time, index)
        }
        let surplus = notes.sorted { $0 < $1 }.prefix(max(0, notes.count - Self.notesPerName)).map(\.index)
        for index in surplus.sorted(by: >) { lines.remove(at: index) }
    }
}

extension FlagSettings {
    /// What the switches say about a subsystem, the rollback left aside; nil: nothing.
    fileprivate func modeByTarget(_ subsystem: Subsystem) -> Mode? {
        for target in FlagTarget.naming(subsystem) {
            if let value = self[.target(target)] { return Mode(rawValue: value) ?? .legacy }
        }
        return nil
    }
}
