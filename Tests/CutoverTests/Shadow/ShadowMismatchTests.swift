import Foundation
import PythonSemantics
import Testing

@testable import Cutover

@Suite struct ShadowMismatchTests {
    private static func mismatch(_ path: PyString, got: PyString = "2") -> ShadowMismatch {
        ShadowMismatch(
            route: "GET /status", made: 1000, node: ["node_id": "z"],
            sample: [
                "round": 1, "target": "/status",
                "headers": [["Authorization", "Bearer geheim"], ["X-RingRift-Auth", "geheim"], ["Accept", "*/*"]],
                "state": ["role": "follower", "auth_token": "geheim"], "views": ["gossip_metrics": ["value": 1]],
            ], old: [["status": 200, "text": "1"]], new: [["status": 200, "text": "2"]],
            differences: [["path": .string(path), "kind": "value", "expected": "1", "got": .string(got)]])
    }

    private static func folder() -> String { NSTemporaryDirectory() + "/shadow-\(UUID().uuidString)" }

    @Test func whatIsWrittenIsRead() throws {
        let folder = Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = ShadowMismatchStore(directory: folder, limit: 10)
        let given = Self.mismatch("/body/role")
        #expect(store.save(given))
        let read = try #require(store.load(given.id))
        #expect(read.sample["state"] == ["role": "follower"])
        #expect(read.sample["views"] == given.sample["views"])
        #expect(read.sample["target"] == "/status")
        #expect(read.old == given.old)
        #expect(read.new == given.new)
        #expect(read.differences == given.differences)
        #expect(read.id == given.id)
        let text = String(decoding: FileManager.default.contents(atPath: store.path(given.id)) ?? Data(), as: UTF8.self)
        #expect(!text.contains("geheim"))
        #expect(text.contains("Accept"))
    }

    /// One file a defect: other values at the same place are the same one.
    @Test func anIdIsAPlace() {
        #expect(Self.mismatch("/body/a").id == Self.mismatch("/body/a", got: "3").id)
        #expect(Self.mismatch("/body/a").id != Self.mismatch("/body/b").id)
        #expect(Self.mismatch("/body/a").id.count == 8)
    }

    @Test func theOldestIsDropped() {
        let folder = Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = ShadowMismatchStore(directory: folder, limit: 2)
        let all = (0..<4).map { Self.mismatch(PyString("/body/\($0)")) }
        for (index, one) in all.prefix(3).enumerated() {
            #expect(store.save(one))
            try? FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1000 + Double(index))], ofItemAtPath: store.path(one.id)
            )
        }
        #expect(store.save(all[3]))
        #expect(Set(store.ids()) == Set(all.suffix(2).map(\.id)))
        #expect(!store.save(all[3]))
    }

    @Test(arguments: ["{}", "[]", "nothing", #"{"format": 1, "request": {}, "node": {}}"#])
    func otherFilesAreNone(_ text: String) throws {
        let folder = Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/x.json"))
        #expect(ShadowMismatchStore.load(path: folder + "/x.json") == nil)
    }
}
