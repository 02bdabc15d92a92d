import Comparison
import Foundation

@testable import ParityHarness

/// The project's own `parity` folder, as input of tests.
enum ProjectFiles {
    static let parity: String = {
        var directory = (#filePath as NSString).deletingLastPathComponent
        while directory.count > 1, !FileManager.default.fileExists(atPath: directory + "/parity/slice.yaml") {
            directory = (directory as NSString).deletingLastPathComponent
        }
        // Through a link to the tests the folder is not above them.
        return FileManager.default.fileExists(atPath: directory + "/parity/slice.yaml")
            ? directory + "/parity" : FileManager.default.currentDirectoryPath + "/parity"
    }()

    static var scenarioNames: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: parity + "/scenarios")) ?? [])
            .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }

    static func scenario(_ name: String) throws -> Scenario {
        try Scenario(contentsOf: "\(parity)/scenarios/\(name).json")
    }

    static func references(_ name: String) throws -> [RunObservation] {
        try RecordingSet(directory: parity + "/recordings").references(of: name)
    }
}

/// SplitMix64: edits are chosen by a seed, so that a failure can be played again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
