import Foundation

/// The last good content beside the file, for a start while the file is gone, cut off or overwritten: a rollback that was
/// written there must not end with the process that read it.
extension FlagFileStorage {
    /// Beside the path as it is named, not beside what a symbolic link leads to: the link itself may be gone.
    package var lastGoodPath: String { path + ".last-good" }

    /// - Returns: nil when nothing was kept, or what was kept is damaged itself.
    func readLastGood() -> [UInt8]? {
        if case .bytes(let bytes) = Self.read(lastGoodPath) { bytes } else { nil }
    }

    /// Keeps a content that was good; aside, to the disk, in place of the old one.
    /// - Returns: why it could not be kept, as an alarm.
    @discardableResult
    package func keepLastGood(_ bytes: [UInt8]) -> String? {
        if readLastGood() == bytes { return nil }
        do throws(Failure) {
            let aside = try writeAside(bytes, lastGoodPath)
            if rename(aside, lastGoodPath) == 0 { return nil }
            let code = errno
            unlink(aside)
            return "cannot keep \(lastGoodPath): \(Self.text(code))"
        } catch {
            return "cannot keep \(lastGoodPath): \(error.reason)"
        }
    }
}
