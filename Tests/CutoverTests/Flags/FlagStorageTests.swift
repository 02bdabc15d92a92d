import Foundation
import Testing

@testable import Cutover

@Suite struct FlagStorageTests {
    private func raised(_ target: FlagTarget, _ mode: Mode) -> FlagEdit {
        FlagEdit(.set(target, mode), time: 1_800_000_000, who: "anna", reason: "")
    }

    @Test func defaultPathAndNamedPath() {
        #expect(FlagFileStorage.path(environment: [:], tree: "/t") == "/t/logs/cutover/flags.env")
        #expect(
            FlagFileStorage.path(environment: ["RINGRIFT_IMPL_FILE": ""], tree: "/t") == "/t/logs/cutover/flags.env")
        #expect(FlagFileStorage.path(environment: ["RINGRIFT_IMPL_FILE": "/x.env"], tree: "/t") == "/x.env")
    }

    @Test func whatIsThere() throws {
        let scratch = try FlagScratch()
        let storage = FlagFileStorage(path: scratch.path)
        #expect(storage.read() == .missing)
        try scratch.write(" \n")
        #expect(storage.read() == .empty)
        try scratch.write("# nothing\n")
        #expect(storage.read() == .bytes(Array("# nothing\n".utf8)))
        try scratch.write("RINGRIFT_IMPL=live\u{0}\n")
        #expect(storage.read() == .unreadable("not text: a zero byte in it"))
        try scratch.write(String(repeating: "#", count: FlagFileStorage.maximumSize + 1))
        #expect(storage.read() == .unreadable("larger than 1048576 bytes"))
        unlink(scratch.path)
        mkfifo(scratch.path, 0o600)
        #expect(storage.read() == .unreadable("not a regular file"))
        unlink(scratch.path)
        mkdir(scratch.path, 0o755)
        #expect(storage.read() == .unreadable("not a regular file"))
        rmdir(scratch.path)
        symlink(scratch.path, scratch.path)
        #expect(storage.read() == .unreadable("Too many levels of symbolic links"))
    }

    @Test func modeAndSymlinkStay() throws {
        let scratch = try FlagScratch()
        let target = scratch.tree + "/real.env"
        try scratch.write("# mine\n", to: target)
        chmod(target, 0o640)
        symlink("../../real.env", scratch.path)
        let written = try FlagFileStorage(path: scratch.path).edit { $0.applying(raised(.all, .live)) }
        #expect(try scratch.text(target).hasPrefix("# mine\n# cutover: "))
        #expect(Array(try scratch.text(target).utf8) == written.bytes)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: scratch.path) == "../../real.env")
        var info = stat()
        stat(target, &info)
        #expect(info.st_mode & 0o7777 == 0o640)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.tree).sorted() == [
                "logs", "real.env", "real.env.lock",
            ])
    }

    @Test func folderAndFileAreMade() throws {
        let scratch = try FlagScratch()
        let path = scratch.tree + "/a/b/flags.env"
        _ = try FlagFileStorage(path: path).edit { $0.applying(raised(.all, .live)) }
        #expect(try scratch.text(path).hasSuffix("RINGRIFT_IMPL=live\n"))
    }

    /// Every one of many writers' edits is in the file afterwards.
    @Test func twoWritersLoseNothing() async throws {
        let scratch = try FlagScratch()
        let path = scratch.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for subsystem in Subsystem.allCases {
                let edit = raised(.subsystem(subsystem), .shadow)
                group.addTask { _ = try FlagFileStorage(path: path, patience: 60).edit { $0.applying(edit) } }
            }
            try await group.waitForAll()
        }
        let file = FlagFile(text: try scratch.text())
        for subsystem in Subsystem.allCases { #expect(file.settings.setting(subsystem)?.mode == .shadow) }
        #expect(file.history.count == 22)
    }

    @Test func somebodyElsesLockIsWaitedForAndTold() throws {
        let scratch = try FlagScratch()
        let lock = open(scratch.path + ".lock", O_RDWR | O_CREAT, 0o644)
        defer { close(lock) }
        #expect(flock(lock, LOCK_EX) == 0)
        #expect(throws: FlagFileStorage.Failure(path: scratch.path, reason: "somebody else holds \(scratch.path).lock"))
        {
            try FlagFileStorage(path: scratch.path, patience: 0.02).edit { $0.applying(raised(.all, .live)) }
        }
    }

    /// An editor that knows no lock saves while an edit is being made.
    @Test func anEditorsSaveIsNotLost() throws {
        let scratch = try FlagScratch()
        try scratch.write("RINGRIFT_IMPL=live\n")
        nonisolated(unsafe) var times = 0
        _ = try FlagFileStorage(path: scratch.path).edit { file in
            times += 1
            if times == 1 { try? scratch.write("RINGRIFT_IMPL=legacy\n") }
            return file.applying(raised(.program(.loop), .shadow))
        }
        #expect(times == 2)
        #expect(try scratch.text().hasPrefix("RINGRIFT_IMPL=legacy\n"))
    }

    @Test func aFullDiskLeavesTheOldFile() throws {
        let scratch = try FlagScratch()
        try scratch.write("RINGRIFT_IMPL=live\n")
        _ = open(scratch.path + ".lock", O_CREAT, 0o644)
        // A limit on file sizes fails as a full disk does: in `write`.
        signal(SIGXFSZ, SIG_IGN)
        var old = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old)
        var small = rlimit(rlim_cur: 10, rlim_max: old.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &small)
        defer { setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old) }
        #expect(throws: FlagFileStorage.Failure(path: scratch.path, reason: "File too large")) {
            try FlagFileStorage(path: scratch.path).edit { $0.applying(raised(.all, .swift)) }
        }
        #expect(try scratch.text() == "RINGRIFT_IMPL=live\n")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.folder).sorted() == [
                "flags.env", "flags.env.lock",
            ])
    }
}
