import PythonSemantics
import Testing

@testable import Cutover

/// Patches of state; the same cases as `Legacy/shim/tests/test_patch.py`.
@Suite struct StatePatchTests {
    private static let depths = ["peers": 2, "self_info": 1]

    private func between(_ base: PyValue, _ now: PyValue) -> StatePatch {
        StatePatch.between(base.asDict ?? [:], now.asDict ?? [:]) { Self.depths[$0.description] ?? 0 }
    }

    /// Older image, newer image, patch.
    @Test(
        arguments: [
            (["role": "a"], ["role": "a"], [:]),
            (["role": "a"], ["role": "b"], ["role": ["v": "b", "b": "a"]]),
            ([:], ["role": "b"], ["role": ["v": "b"]]),
            (["role": "b"], [:], ["role": ["d": 1, "b": "b"]]),
            (["n": 1], ["n": 1.0], ["n": ["v": 1.0, "b": 1]]),
            (["n": true], ["n": 1], ["n": ["v": 1, "b": true]]),
            (["n": .float(.nan)], ["n": .float(.nan)], [:]),
            (
                ["peers": ["p": ["x": 1, "y": 2]]], ["peers": ["p": ["x": 1, "y": 3], "q": ["x": 4]]],
                ["peers": ["m": ["p": ["m": ["y": ["v": 3, "b": 2]]], "q": ["v": ["x": 4]]]]]
            ),
            (["peers": ["p": ["x": 1]]], ["peers": [:]], ["peers": ["m": ["p": ["d": 1, "b": ["x": 1]]]]]),
            (["self_info": .none], ["self_info": ["x": 1]], ["self_info": ["v": ["x": 1], "b": .none]]),
            // A tagged object is one value.
            (
                ["self_info": ["$set": [1]]], ["self_info": ["$set": [2]]],
                ["self_info": ["v": ["$set": [2]], "b": ["$set": [1]]]]
            ),
            // A key that only looks like a tag is none.
            (
                ["peers": ["$7": ["x": 1]]], ["peers": ["$7": ["x": 2]]],
                ["peers": ["m": ["$7": ["m": ["x": ["v": 2, "b": 1]]]]]]
            ),
        ] as [(PyValue, PyValue, PyValue)])
    func nodes(_ base: PyValue, _ now: PyValue, _ expected: PyValue) throws {
        let patch = between(base, now)
        #expect(PyValue.dict(patch.json) == expected)
        #expect(try StatePatch(json: patch.json) == patch)
    }

    @Test func anUntouchedFieldNeverOverwritesANewerOne() {
        let patch = between(
            ["peers": ["p": ["x": 1, "y": 1], "gone": ["x": 0]]], ["peers": ["p": ["x": 2, "y": 1]]])
        let theirs: PyDict = ["peers": ["p": ["x": 1, "y": 7], "gone": ["x": 0], "new": ["x": 5]]]
        var conflicts: [StatePatch.Path] = []
        let merged = patch.applied(to: theirs, conflicts: &conflicts)
        #expect(merged == ["peers": ["p": ["x": 2, "y": 7], "new": ["x": 5]]])
        #expect(conflicts == [])
    }

    /// What the other side has now, what comes out, the conflicts; the patch leads from a to b, and adds q.
    @Test(
        arguments: [
            (["p": ["x": "a"]], ["p": ["x": "b"], "q": ["x": 1]], []),
            (["p": ["x": "b"]], ["p": ["x": "b"], "q": ["x": 1]], []),
            (["p": ["x": "c"]], ["p": ["x": "b"], "q": ["x": 1]], [["peers", "p", "x"]]),
            // A change inside a record that is gone is lost: half a record is no record.
            ([:], ["q": ["x": 1]], [["peers", "p"]]),
            (["p": ["x": "a"], "q": ["x": 2]], ["p": ["x": "b"], "q": ["x": 1]], [["peers", "q"]]),
        ] as [(PyValue, PyValue, [StatePatch.Path])])
    func conflicts(_ theirs: PyValue, _ expected: PyValue, _ places: [StatePatch.Path]) {
        let patch = between(["peers": ["p": ["x": "a"]]], ["peers": ["p": ["x": "b"], "q": ["x": 1]]])
        var conflicts: [StatePatch.Path] = []
        #expect(patch.applied(to: ["peers": theirs], conflicts: &conflicts) == ["peers": expected])
        #expect(conflicts == places)
    }

    /// What one side forgets while the other changes it stays: a job that was stopped here and whose process was found dead there.
    @Test(
        arguments: [
            (["p": ["x": "a"]], [:], []),
            ([:], [:], []),
            (["p": ["x": "b"]], ["p": ["x": "b"]], [["peers", "p"]]),
        ] as [(PyValue, PyValue, [StatePatch.Path])])
    func removals(_ theirs: PyValue, _ expected: PyValue, _ places: [StatePatch.Path]) throws {
        let patch = between(["peers": ["p": ["x": "a"]]], ["peers": [:]])
        var conflicts: [StatePatch.Path] = []
        #expect(patch.applied(to: ["peers": theirs], conflicts: &conflicts) == ["peers": expected])
        #expect(conflicts == places)
        // Of an older side, which does not say what was there.
        let bare = try StatePatch(json: ["peers": ["m": ["p": ["d": 1]]]])
        conflicts = []
        #expect(bare.applied(to: ["peers": theirs], conflicts: &conflicts) == ["peers": [:]])
        #expect(conflicts == [])
    }

    @Test(arguments: [["role": 1], ["role": [:]], ["role": ["x": 1]], ["peers": ["m": ["p": []]]]] as [PyDict])
    func whatIsNoPatch(_ json: PyDict) {
        #expect(throws: StatePatchError.self) { try StatePatch(json: json) }
    }

    @Test func aThousandRandomPatches() throws {
        var random = SplitMix(seed: 7)
        for _ in 0..<1000 {
            let base = random.image()
            let now = random.image()
            let patch = StatePatch.between(base, now) { Self.depths[$0.description] ?? 0 }
            let travelled = try StatePatch(json: patch.json)
            var conflicts: [StatePatch.Path] = []
            #expect(travelled.applied(to: base, conflicts: &conflicts) == now)
            #expect(conflicts == [])
            #expect(patch.isEmpty == (base == now))
        }
    }
}

/// Reproducible images: few names and few values, so that both sides often have the same.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func image() -> PyDict {
        var image = PyDict()
        for name in ["role", "peers", "self_info", "_gossip"] as [PyString] where Bool.random(using: &self) {
            switch name {
            case "peers": image[name] = .dict(dict(levels: 2))
            case "self_info": image[name] = Bool.random(using: &self) ? .dict(dict(levels: 1)) : PyValue.none
            default: image[name] = leaf()
            }
        }
        return image
    }

    private mutating func dict(levels: Int) -> PyDict {
        var dict = PyDict()
        for key in ["a", "b", "$7"] as [PyString] where Bool.random(using: &self) {
            dict[key] = levels > 1 ? .dict(self.dict(levels: levels - 1)) : leaf()
        }
        return dict
    }

    private mutating func leaf() -> PyValue {
        let all: [PyValue] = [.none, 0, 1, 1.0, true, "x", [1, 2], ["$set": [1]], ["k": "v"]]
        return all[Int(next() % UInt64(all.count))]
    }
}
