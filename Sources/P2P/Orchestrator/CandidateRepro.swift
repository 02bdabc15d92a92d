import Comparison
import Cutover
import Foundation
import PythonSemantics

/// `ringrift candidate --repro FILE`: plays a stored mismatch again, from its state, with the native code of today.
package struct CandidateRepro: Sendable {
    private let path: String
    private let environment: [String: String]
    private let tree: String?

    /// - Parameters:
    ///   - path: a file of `logs/cutover/mismatches`.
    ///   - tree: whose files are read; nil: that of the mismatch.
    package init(path: String, tree: String?, environment: [String: String]) {
        self.path = path
        self.tree = tree
        self.environment = environment
    }

    /// - Returns: 0 no longer different, 1 still different, 2 could not run.
    package func run() async -> Int32 {
        guard let mismatch = ShadowMismatchStore.load(path: path) else {
            FileHandle.standardError.write(Data("ringrift: \(path): no mismatch of a shadow\n".utf8))
            return 2
        }
        var settings = mismatch.node
        if let tree { settings["tree"] = .string(PyString(tree)) }
        let reply: PyDict
        do {
            var sample = mismatch.sample
            // The first answer of then, and no second one: what varied then is shown, too.
            sample["round"] = 1
            sample["last"] = true
            reply = try await CandidateNode(settings: settings, environment: environment).answer(sample)
        } catch {
            FileHandle.standardError.write(Data("ringrift: the candidate cannot be built: \(error)\n".utf8))
            return 2
        }
        let refused = (reply["refused"]?.asList ?? []).map(\.pyStr)
        if reply["unserved"]?.asBool == true || !refused.isEmpty {
            print("\(mismatch.route): not answered natively: \(refused.joined(separator: "; "))")
            return 2
        }
        let then = Set(mismatch.differences.map { ($0["path"] ?? .none).pyStr })
        let now = (reply["differences"]?.asList ?? []).compactMap(\.asDict)
        let left = now.filter { then.contains(($0["path"] ?? .none).pyStr) }
        print("\(mismatch.id) \(mismatch.route): \(left.count) of \(then.count) places still differ")
        for one in left {
            print("  \((one["path"] ?? .none).pyStr)")
            print("  - \((one["expected"] ?? .none).pyStr)")
            print("  + \((one["got"] ?? .none).pyStr)")
        }
        return left.isEmpty ? 0 : 1
    }
}
