import Effects
import Foundation
import PythonSemantics
import TestSupport

@testable import P2PNode

/// The files of a recorded scenario in a fake world.
enum SeededTree {
    /// - Parameters:
    ///   - now: unix seconds, from which the ages of the files count.
    ///   - places: path within the tree to paths of the fake world that get the file, too.
    static func put(
        _ scenario: String, into fake: FakeEffects, now: Double, alsoAt places: (String) -> [String] = { _ in [] }
    ) throws {
        let files = try Recordings.seeds(scenario)
        for (path, file) in files {
            let modified = now - (file["mtime_age"]?.asDouble ?? file["mtime_age"]?.asInt.map(Double.init) ?? 0)
            let full = NodeFixture.tree + "/" + path.description
            for place in [full] + places(path.description) {
                fake.files.put(place, bytes(file), modified: modified)
            }
            guard let script = file["sqlite"]?.asString else { continue }
            let statements = script.description.components(separatedBy: ";\n").filter { !$0.isEmpty }
            _ = try fake.databases.transaction(full, statements.map { SQLStatement($0) })
        }
    }

    private static func bytes(_ file: PyValue) -> [UInt8] {
        if let text = file.asString { return text.utf8 }
        if let hex = file["hex"]?.asString {
            let digits = Array(hex.description)
            return stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(digits[$0...($0 + 1)]), radix: 16)
            }
        }
        let text = file["text"]?.asString ?? ""
        return text.repeated(file["repeat"]?.asInt ?? 1).utf8
    }
}
