import Foundation
import Testing

@testable import Cutover

@Suite struct WorkerDirectoryTests {
    @Test(
        arguments: [
            ("ringrift-worker-12-abc", 12), ("ringrift-worker-12", nil), ("ringrift-worker--abc", nil),
            ("ringrift-worker-x-abc", nil), ("ringrift-worker-0-abc", nil), ("ringrift-worker-12-", nil),
            ("other-12-abc", nil),
        ] as [(String, Int32?)])
    func theNameHoldsTheProcess(name: String, pid: Int32?) { #expect(WorkerDirectory.processID(name) == pid) }

    /// Only what nobody holds and whose process is gone is removed.
    @Test func orphansAreRemovedAndNothingElse() throws {
        let parent = NSTemporaryDirectory() + "/rrd-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: parent) }
        // Above the kernel's limit: no such process.
        let gone = 4_194_305
        func folder(_ pid: Int, _ suffix: String) -> String { "\(parent)/ringrift-worker-\(pid)-\(suffix)" }
        let held = WorkerDirectory(folder(gone, "held"))
        for path in [folder(gone, "left"), folder(1, "lives")] { try leave(path) }
        try FileManager.default.createDirectory(atPath: folder(gone, "foreign"), withIntermediateDirectories: true)
        let own = WorkerDirectory(folder(Int(getpid()), "own"))
        let removed = WorkerDirectory.removeOrphans(beside: folder(Int(getpid()), "own"))
        #expect(removed == ["ringrift-worker-\(gone)-left"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: parent).count == 4)
        held.remove()
        own.remove()
    }

    /// As a front leaves it that is killed: the lock is free.
    private func leave(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: path + "/lock"))
        try Data().write(to: URL(fileURLWithPath: path + "/control.sock"))
    }
}
