import Foundation
import PythonSemantics
import TestSupport
import Testing

@testable import P2PModel

/// What methods of the real legacy did with generated inputs (a driver called them in a sealed namespace; random draws
/// from labelled streams with the seed `scaling`). Records name the fields that are not at their default.
enum ScalingFixture {
    private static let all: PyValue? = {
        let path = Recordings.project + "/Tests/P2PNodeTests/Fixtures/scaling.json"
        return FileManager.default.contents(atPath: path).flatMap { try? PyJSON.decodeBody(Array($0), charset: nil) }
    }()

    static func cases(_ name: PyString) throws -> [PyValue] {
        let cases = try #require(all?[name]?.asList)
        try #require(!cases.isEmpty)
        return cases
    }

    /// A record; what is no field is attached to it.
    static func node(_ value: PyValue) throws -> NodeInfo {
        var info = try NodeInfo(fromDict: value)
        if let active = value["_last_gpu_active_time"] { info.attachments = ["_last_gpu_active_time": active] }
        return info
    }

    static func lines(_ value: PyValue?) throws -> [String] { try #require(value?.asList).map(\.pyStr) }

    static func number(_ value: PyValue?) throws -> Double { try #require(value?.asDouble) }

    /// What the queue of training data said.
    static func queue(_ level: PyValue?) -> ProductionConditions.Queue {
        switch level?.asString {
        case "soft": .throttled(0.5)
        case "hard": .throttled(0.1)
        case "stop": .stopped
        case "bogus": .unreadable(.valueError("'bogus' is not a valid BackpressureLevel"))
        default: .open
        }
    }
}
