/// Takes one change of the flags file back: to the byte when nobody else has edited the file since, else only what the
/// change itself had set and nobody has set anew.
package struct FlagRestoration: Sendable {
    private let original: FlagFileStorage.Content
    private let written: FlagFile
    private let reason: String
    private let who: String

    /// What is left where there was no file: without one the last good content would hold, which is the change.
    static let nothingSet = "# Nothing is set here. Without this file its last good content would hold.\n"

    /// - Parameters:
    ///   - original: the content before the change.
    ///   - written: the content after it.
    ///   - reason: the reason in the notes of the change, like no other's.
    package init(original: FlagFileStorage.Content, written: FlagFile, reason: String, who: String) {
        self.original = original
        self.written = written
        self.reason = reason
        self.who = who
    }

    /// Blocks until it is on the disk.
    /// - Returns: what is there now.
    package func restore(
        _ storage: FlagFileStorage, time: Double, onReplace: () -> Void = {}
    ) throws(FlagFileStorage.Failure) -> FlagFile {
        var result = FlagFile()
        try storage.replace(onReplace: onReplace) { bytes in
            let new = bytes.map { content(after: $0, time) } ?? originalBytes
            result = FlagFile(new)
            return new
        }
        storage.keepLastGood(result.bytes)
        return result
    }

    private var originalBytes: [UInt8] {
        if case .bytes(let bytes) = original { bytes } else { Array(Self.nothingSet.utf8) }
    }

    /// Pure: what shall follow on `bytes`.
    func content(after bytes: [UInt8], _ time: Double) -> [UInt8] {
        guard bytes != written.bytes else { return originalBytes }
        var file = FlagFile(bytes)
        let (before, after) = (FlagFile(originalBytes).settings, written.settings)
        for name in FlagName.every where before[name] != after[name] && file.note(name)?.reason == reason {
            let change: FlagEdit.Change =
                switch name {
                case .rollback: .release
                case .target(let target): before[name].flatMap(Mode.init).map { .set(target, $0) } ?? .unset(target)
                }
            file = file.applying(FlagEdit(change, time: time, who: who, reason: "end of \(reason)"))
        }
        return file.bytes
    }
}
