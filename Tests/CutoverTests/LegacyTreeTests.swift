import Foundation
import Testing

@testable import Cutover

/// DESIGN section 4, "Which legacy".
@Suite struct LegacyTreeTests {
    private final class Scratch {
        let path = NSTemporaryDirectory() + "ringrift-tree-" + UUID().uuidString

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func file(_ name: String, executable: Bool = false) throws {
            let full = path + "/" + name
            try FileManager.default.createDirectory(
                atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: full))
            if executable {
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: full)
            }
        }
    }

    private let scratch = Scratch()
    private var executable: String { scratch.path + "/checkout/.build/debug/ringrift" }

    init() throws {
        for tree in ["tree", "other", "checkout/Legacy/ai-service", "copy"] {
            try scratch.file(tree + "/scripts/p2p_orchestrator.py")
        }
        try scratch.file("checkout/Legacy/ai-service/.ringrift-bundled")
        try scratch.file("copy/.ringrift-bundled")
        try scratch.file("empty/scripts/nothing")
        try scratch.file("checkout/.build/debug/ringrift", executable: true)
        try scratch.file("other/venv/bin/python", executable: true)
    }

    private func find(_ tree: String, _ root: String? = nil, _ more: [String: String] = [:]) -> LegacyTree? {
        var environment = more
        if let root { environment["RINGRIFT_LEGACY_ROOT"] = root == "bundled" ? root : scratch.path + "/" + root }
        return LegacyTree.find(tree: scratch.path + "/" + tree, environment: environment, executable: executable)
    }

    /// Tree the program works in, RINGRIFT_LEGACY_ROOT, found (nil: none), is it the double.
    @Test(
        arguments: [
            ("tree", nil, "tree", false), ("tree", "other", "tree", false), ("tree", "bundled", "tree", false),
            ("empty", nil, nil, false), ("empty", "other", "other", false), ("empty", "empty", nil, false),
            ("empty", "none", nil, false),
            // The double serves only when it is named.
            ("empty", "bundled", "checkout/Legacy/ai-service", true), ("copy", nil, nil, false),
            // A copy of it keeps its own state directory.
            ("copy", "bundled", "copy", true), ("copy", "other", "other", false),
            ("empty", "copy", "copy", true),
        ] as [(String, String?, String?, Bool)])
    func which(_ tree: String, _ root: String?, _ expected: String?, _ isBundled: Bool) {
        let found = find(tree, root)
        #expect(found?.path == expected.map { scratch.path + "/" + $0 })
        #expect((found?.isBundled ?? false) == isBundled)
        if let found { #expect(found.description == (isBundled ? "bundled " : "") + found.path) }
    }

    @Test func packages() {
        #expect(find("tree")?.virtualEnvironment == nil)
        #expect(find("tree", nil, ["RINGRIFT_VENV": "/opt/venv"])?.virtualEnvironment == "/opt/venv")
        #expect(
            find("other", nil, ["RINGRIFT_VENV": "/opt/venv"])?.virtualEnvironment == scratch.path + "/other/venv")
    }

    /// RINGRIFT_STANDBY: unset, `warm` or `wait` starts at once, `cold` when asked, `off` never.
    @Test(
        arguments: [
            (nil, true as Bool?), ("warm", true), ("wait", true), ("cold", false), ("off", nil),
        ] as [(String?, Bool?)])
    func standby(_ value: String?, _ startsAtOnce: Bool?) throws {
        let found = try #require(find("tree", nil, value.map { ["RINGRIFT_STANDBY": $0] } ?? [:]))
        let configuration = found.workerConfiguration(arguments: ["--node-id", "a b"])
        #expect(configuration?.startsAtOnce == startsAtOnce)
        #expect((configuration?.holdsNode ?? false) == (value == "wait"))
        guard let configuration else { return }
        #expect(Array(configuration.command.prefix(4)) == [executable, "legacy-worker", "--tree", found.path])
        #expect(Array(configuration.command.suffix(3)) == ["--", "--node-id", "a b"])
        #expect(configuration.directory == scratch.path + "/tree")
        // A unix socket's address holds 107 bytes.
        #expect(configuration.socketPath.utf8.count < 108)
        #expect(configuration.command.contains(configuration.socketPath))
    }
}
