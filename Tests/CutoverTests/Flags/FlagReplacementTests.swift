import Foundation
import Testing

@testable import Cutover

/// Random replacements of the file under a running watch: the final state is in force within a second each.
/// 60 in `make test`, 1,000 with `RINGRIFT_SOAK=1`. `RINGRIFT_SEED` plays a failed run again.
@Suite(.serialized) struct FlagReplacementTests {
    private static let isSoak = ProcessInfo.processInfo.environment["RINGRIFT_SOAK"] == "1"
    private static let count = isSoak ? 1_000 : 60
    private static let seed =
        ProcessInfo.processInfo.environment["RINGRIFT_SEED"].flatMap { UInt64($0) }
        ?? (isSoak ? UInt64.random(in: 1...UInt64.max) : 4)

    /// `inotify` with no look in between; `looks` for a file system that tells nothing.
    @Test(arguments: ["inotify", "looks"])
    func theFinalStateIsRightWithinASecond(_ means: String) async throws {
        let scratch = try FlagScratch()
        let environment = ["RINGRIFT_IMPL_P2P_TRAINING": "live", "RINGRIFT_IMPL_LOOP": "shadow"]
        try scratch.write("# start\nRINGRIFT_IMPL=live\n")
        let store = scratch.store(environment)
        var settings = FlagWatch.Settings.inotifyOnly
        if means == "looks" {
            settings = FlagWatch.Settings()
            settings.usesInotify = false
            settings.takesHangup = false
        }
        let seed = Self.seed
        let count = means == "looks" ? Self.count / 5 : Self.count
        try await watching(store, settings) {
            var replacer = FileReplacer(scratch: scratch, random: SplitMix(state: seed))
            var slowest = Duration.zero
            for number in 1...count {
                let action = try replacer.replace()
                let start = ContinuousClock.now
                let table = FlagTable(environment: environment, file: replacer.good)
                let condition = replacer.condition
                let isRight = await arrives(store) { $0.new == table && $0.condition == condition }
                slowest = max(slowest, ContinuousClock.now - start)
                #expect(
                    isRight,
                    "\(number) \(action), seed \(seed): \(store.status.condition), not \(condition); \(store.table.file)"
                )
                if !isRight { return }
                #expect(store.table == table)
            }
            print("flags: \(count) replacements by \(means), seed \(seed), slowest \(slowest)")
        }
    }
}

/// Puts other content at the path in every way an operator or a tool does, and knows what must be in force afterwards.
private struct FileReplacer {
    let scratch: FlagScratch
    var random: SplitMix
    var good = FlagFile(text: "# start\nRINGRIFT_IMPL=live\n")
    var condition = FlagStore.Condition.good
    private var number = 0

    init(scratch: FlagScratch, random: SplitMix) {
        self.scratch = scratch
        self.random = random
    }

    private enum Action: CaseIterable {
        case edit, append, renameOver, symlinkSwap, editTarget, deleteAndRestore, delete, truncate, folderSwap,
            folderSymlink, folderGone, directory, atomicEdit, burst
    }

    /// - Returns: the action's name.
    mutating func replace() throws -> String {
        number += 1
        let action = Action.allCases[Int(random.next() % UInt64(Action.allCases.count))]
        try clearPath()
        switch action {
        case .edit: try scratch.write(text())
        case .append:
            let handle = open(scratch.path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
            let line = Array("RINGRIFT_IMPL_P2P_NETWORK=\(mode()) # \(number)\n".utf8)
            _ = write(handle, line, line.count)
            close(handle)
        case .renameOver: try renameOver(text())
        case .symlinkSwap: try symlinkSwap()
        case .editTarget:
            try symlinkSwap()
            let target = try #require(ResolvedPath(scratch.path).file)
            try scratch.write(text(), to: target)
        case .deleteAndRestore:
            unlink(scratch.path)
            try scratch.write(text())
        case .delete: unlink(scratch.path)
        case .truncate: Foundation.truncate(scratch.path, 0)
        case .folderSwap:
            rename(scratch.folder, scratch.tree + "/logs/old\(number)")
            mkdir(scratch.folder, 0o755)
            try scratch.write(text())
        case .folderSymlink:
            let other = scratch.tree + "/other\(number)"
            mkdir(other, 0o755)
            try scratch.write(text(), to: other + "/flags.env")
            rename(scratch.folder, scratch.tree + "/logs/old\(number)")
            symlink("../other\(number)", scratch.folder)
        case .folderGone:
            rename(scratch.tree + "/logs", scratch.tree + "/gone\(number)")
            mkdir(scratch.tree + "/logs", 0o755)
            mkdir(scratch.folder, 0o755)
            try scratch.write(text())
        case .directory:
            unlink(scratch.path)
            mkdir(scratch.path, 0o755)
        case .atomicEdit:
            let edit = FlagEdit(.set(.all, Mode(rawValue: mode()) ?? .live), time: Double(number), who: "a", reason: "")
            _ = try FlagFileStorage(path: scratch.path).edit(basis: good) { $0.applying(edit) }
        case .burst:
            for _ in 0..<5 { if random.next() % 2 == 0 { try renameOver(text()) } else { try scratch.write(text()) } }
        }
        try note()
        return "\(action)"
    }

    /// What is there now is what counts, or else the last good content holds.
    private mutating func note() throws {
        switch FlagFileStorage(path: scratch.path).read() {
        case .bytes(let bytes):
            good = FlagFile(bytes)
            condition = .good
        case .missing: condition = .missing
        case .empty: condition = .empty
        case .unreadable(let reason): condition = .unreadable(reason)
        }
    }

    private func clearPath() throws { rmdir(scratch.path) }

    private mutating func renameOver(_ text: String) throws {
        try scratch.write(text, to: scratch.folder + "/.new")
        rename(scratch.folder + "/.new", scratch.path)
    }

    private mutating func symlinkSwap() throws {
        let target = scratch.tree + "/target\(number).env"
        try scratch.write(text(), to: target)
        symlink(target, scratch.folder + "/.link")
        rename(scratch.folder + "/.link", scratch.path)
    }

    private mutating func mode() -> String { ["legacy", "shadow", "live", "swift", "typo"][Int(random.next() % 5)] }

    private mutating func text() -> String {
        var lines = ["# \(number) \(random.next())"]
        for _ in 0..<(random.next() % 6) {
            let target = FlagTarget.every[Int(random.next() % UInt64(FlagTarget.every.count))]
            lines.append("\(target.variable)=\(mode())")
        }
        if random.next() % 8 == 0 { lines.append("RINGRIFT_ROLLBACK=1") }
        return lines.joined(separator: "\n") + "\n"
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
