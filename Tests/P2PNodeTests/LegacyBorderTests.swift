import Cutover
import P2PModel
import P2PServices
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

/// The split of background work, against the contract's loops and steps.
@Suite struct LegacyBorderTests {
    private static func contract() throws -> [PyValue] {
        let loops = try Recordings.contractData("steps.json")["loops"]?.asList ?? []
        return loops.filter { $0["kind"] == "periodic" }
    }

    /// No loop and no step runs on both sides, none on neither: each is in the table once, in the contract's order.
    @Test func everyLoopAndStepOnce() throws {
        let contract = try Self.contract()
        #expect(LegacyBorder.loops.map(\.name) == contract.map { $0["name"]?.pyStr })
        for (loop, expected) in zip(LegacyBorder.loops, contract) {
            let steps = try #require(expected["steps"]?.asList)
            #expect(loop.steps.map { "\(loop.name).\($0.id)" } == steps.map { $0["id"]?.pyStr })
        }
    }

    @Test func startUp() throws {
        let steps = try #require(try Recordings.contractData("steps.json")["startup"]?.asList)
        #expect(LegacyBorder.startup.map(\.what) == steps.map { $0["what"]?.pyStr })
    }

    /// A worker's step in the front's loop is a method that the front asks for, and the other way round.
    @Test func stepsThatCrossTheBorder() throws {
        let asked = Set(LegacyStep.allCases.map(\.rawValue))
        // What `ringrift_shim/node.py` has under NATIVE.
        let native = Set(["_check_and_resolve_split_brain", "_start_election"])
            .union(SchedulingStep.allCases.map(\.rawValue))
        for (loop, expected) in zip(LegacyBorder.loops, try Self.contract()) {
            for (step, row) in zip(loop.steps, expected["steps"]?.asList ?? []) where step.side != loop.side {
                let method = try #require(row["method"]?.pyStr)
                #expect((loop.side == .front ? asked : native).contains(method), "\(step.id)")
            }
        }
    }

    /// The attributes with a typed place are attributes of the contract.
    @Test func attributes() throws {
        let rows = try #require(try Recordings.contractData("slices.json")["attributes"]?.asList)
        let known = Set(rows.compactMap { $0["attribute"]?.asString })
        for attribute in NodeState.nativeAttributes { #expect(known.contains(attribute.name), "\(attribute.name)") }
        let leadership = rows.filter { $0["subsystem"] == "p2p.leadership" && $0["life"] == "live" }
        for row in leadership { #expect(NodeState.isNative(row["attribute"]?.asString ?? ""), "\(row)") }
    }
}

/// The state under the legacy's names.
@Suite struct StateImageTests {
    private func state() throws -> NodeState {
        var state = NodeState(
            selfInfo: NodeInfo(nodeID: "alpha", host: "h", port: 8770), leadership: LeadershipState(now: 5),
            diversity: DiversityMetrics(now: 5))
        for id in ["p", 7, "7", "$x"] as [PyValue] {
            try state.peers.store(id, NodeInfo(nodeID: id, host: "10.0.0.1", port: 1))
        }
        state.carried["_gossip_metrics"] = ["message_sent": 1]
        return state
    }

    @Test func anImageReadsBack() throws {
        let before = try state()
        let image = before.image()
        #expect(image["peers"]?.asDict?.keys == ["p", "$7", "7", "$\"$x\""])
        var after = NodeState(
            selfInfo: NodeInfo(nodeID: "other", host: "", port: 0), leadership: LeadershipState(now: 0),
            diversity: DiversityMetrics(now: 5))
        _ = after.apply(StatePatch.between([:], image) { _ in 0 })
        #expect(after.image() == image)
        #expect(after.peers == before.peers)
        #expect(after.leadership == before.leadership)
    }

    @Test func aPatchTouchesOnlyItsFields() throws {
        var state = try state()
        var now = state.image()
        now["peers"]?["$7"]?["cpu_percent"] = 12.5
        now["peers"]?["p"]?["_last_gpu_active_time"] = 3.5
        now["role"] = "leader"
        now["_original_voters"] = ["a", "b"]
        now["_gossip_metrics"]?["message_sent"] = 2
        now["_tailscale_priority"] = true
        let patch = StatePatch.between(state.image(), now) { $0 == "peers" ? 2 : 0 }
        // Meanwhile another field of the same record changes.
        state.peers.modify(try PyKey(7)) { $0[.memoryPercent] = 44.0 }
        #expect(state.apply(patch) == [])
        let seven = try #require(state.peers[try PyKey(7)])
        #expect(seven[.cpuPercent] == 12.5)
        #expect(seven[.memoryPercent] == 44.0)
        #expect(state.peers[key("p")]?.attachments == ["_last_gpu_active_time": 3.5])
        #expect(state.leadership.role == .leader)
        #expect(state.leadership.originalVoters == ["a", "b"])
        #expect(state.carried["_gossip_metrics"] == ["message_sent": 2])
        #expect(state.carried["_tailscale_priority"] == true)
        // Gone again.
        let back = StatePatch(
            [StatePatch.Entry("_original_voters", .removed), StatePatch.Entry("_tailscale_priority", .removed)])
        #expect(state.apply(back) == [])
        #expect(state.leadership.originalVoters == nil)
        #expect(state.carried["_tailscale_priority"] == nil)
    }

    /// Tags of the codec, as `json.dumps` shows the value.
    @Test(
        arguments: [
            (["$map": [[1, "a"], [.none, ["$tuple": [1]]]]], ["1": "a", "null": [1]]),
            (["$record": "TrainingJob", "job_id": "j"], ["job_id": "j"]),
            (["$enum": "NodeRole", "value": "leader"], "leader"), (["$set": [2]], [2]), (["$path": "/x"], "/x"),
            (["a": [["$set": []]]], ["a": [[]]]), ([:], [:]),
        ] as [(PyValue, PyValue)])
    func carriedValues(_ carried: PyValue, _ plain: PyValue) { #expect(CarriedValue.plain(carried) == plain) }
}
