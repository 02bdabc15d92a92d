import Foundation
import PythonSemantics
import Testing

@testable import Effects

/// A folder that goes away with this value.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "ringrift-effects-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ text: String = "") throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
        return path + "/" + name
    }
}

/// `module.Type: message` of what a call throws; nil when it does not.
func failure<T>(_ body: () throws(PyException) -> T) -> String? {
    do throws(PyException) {
        _ = try body()
        return nil
    } catch {
        return error.description
    }
}
