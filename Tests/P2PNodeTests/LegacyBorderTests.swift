import Cutover
import Foundation
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

    /// Each loop and each step is in the table once, in the contract's order, with its owner.
    @Test func everyLoopAndStepOnce() throws {
        let contract = try Self.contract()
        #expect(LegacyBorder.loops.map(\.name) == contract.map { $0["name"]?.pyStr })
        for (loop, expected) in zip(LegacyBorder.loops, contract) {
            #expect(loop.owner.rawValue == expected["subsystem"]?.pyStr, "\(loop.name)")
            let steps = try #require(expected["steps"]?.asList)
            #expect(loop.steps.map { "\(loop.name).\($0.id)" } == steps.map { $0["id"]?.pyStr })
            for (step, row) in zip(loop.steps, steps) {
                #expect(step.owner.rawValue == row["subsystem"]?.pyStr, "\(loop.name).\(step.id)")
                if let method = step.method { #expect(method == row["method"]?.pyStr, "\(loop.name).\(step.id)") }
            }
        }
    }

    @Test func startUp() throws {
        let steps = try #require(try Recordings.contractData("steps.json")["startup"]?.asList)
        #expect(LegacyBorder.startup.map(\.what) == steps.map { $0["what"]?.pyStr })
    }

    /// Every mode of network, leadership and scheduling.
    private static let combinations: [FlagTable] = ["legacy", "swift"].flatMap { network in
        ["legacy", "shadow", "swift"].flatMap { leadership in
            ["legacy", "swift"].map { scheduling in
                FlagTable(environment: [
                    "RINGRIFT_IMPL_P2P_NETWORK": network, "RINGRIFT_IMPL_P2P_LEADERSHIP": leadership,
                    "RINGRIFT_IMPL_P2P_SCHEDULING": scheduling,
                ])
            }
        }
    }

    /// The methods of `ringrift_shim/node.py` under CROSSING.
    private static func crossing() throws -> Set<String> {
        let file = try String(
            contentsOfFile: Recordings.project + "/Legacy/shim/ringrift_shim/node.py", encoding: .utf8)
        let table = try #require(file.firstMatch(of: /CROSSING = \{(.*?)\n\}/.dotMatchesNewlines())).1
        return Set(table.matches(of: /"(\w+)":/).map { String($0.1) })
    }

    /// A step that one side's loop comes to and the other side does is a method that can be asked for there.
    @Test(arguments: combinations) func stepsThatCrossTheBorder(_ modes: FlagTable) throws {
        let asked = Set(LegacyStep.allCases.map(\.rawValue))
        let crossing = try Self.crossing()
        for loop in LegacyBorder.loops {
            let keeper = LegacyBorder.side(of: loop, modes)
            for step in loop.steps where LegacyBorder.side(of: step, in: loop, modes) != keeper {
                let method = try #require(step.method, "\(loop.name).\(step.id)")
                #expect((keeper == .front ? asked : crossing).contains(method), "\(loop.name).\(step.id)")
            }
        }
        #expect(crossing.isSuperset(of: LegacyBorder.nativeMethods(modes)))
    }

    /// A loop is kept by one side only, and what a subsystem on `legacy` owns is never done by the front.
    @Test(arguments: combinations) func modesDecide(_ modes: FlagTable) {
        let front = LegacyBorder.frontLoops(modes)
        #expect(front.isDisjoint(with: LegacyBorder.workerLoops(modes)))
        #expect(front.count + LegacyBorder.workerLoops(modes).count == LegacyBorder.loops.count)
        #expect(front.contains("heartbeat") == (modes.mode(.p2pNetwork) == .swift))
        for loop in LegacyBorder.loops {
            for step in loop.steps where !modes.mode(step.owner).isNative && step.method != nil {
                #expect(LegacyBorder.side(of: step, in: loop, modes) == .worker, "\(loop.name).\(step.id)")
            }
        }
        let elects = LegacyBorder.nativeMethods(modes).contains("_start_election")
        #expect(elects == (modes.mode(.p2pLeadership) == .swift))
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
            [
                StatePatch.Entry("_original_voters", .removed(before: nil)),
                StatePatch.Entry("_tailscale_priority", .removed(before: nil)),
            ])
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
