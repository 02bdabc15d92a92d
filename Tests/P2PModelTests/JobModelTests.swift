import PythonSemantics
import Testing

@testable import P2PModel

/// CPython 3.11's `pathlib`.
@Suite struct PythonPathTests {
    @Test(
        arguments: [
            (["/a//b/./c/../d", "", "x/"], "/a/b/c/../d/x"), (["//a"], "//a"), (["///a"], "/a"), ([""], "."),
            (["/srv", "/abs", "q"], "/abs/q"), (["./x"], "x"), (["/"], "/"),
        ] as [([PyString], PyString)])
    func joining(_ parts: [PyString], _ path: PyString) { #expect(PythonPath.join(parts) == path) }

    @Test(
        arguments: [
            ("/", "/"), ("//a", "//"), ("a", "."), ("./a", "."), ("/a", "/"), ("..", "."), ("a/..", "a"),
            ("/a/b", "/a"),
            ("//a/b", "//a"), (".", "."),
        ] as [(PyString, PyString)])
    func parents(_ path: PyString, _ parent: PyString) { #expect(PythonPath.parent(path) == parent) }
}

/// Contract 06 sections 2.4 and 4.5.
@Suite struct SpawnGateTests {
    private func gate(_ environment: [String: String] = [:]) throws -> SpawnGate {
        SpawnGate(constants: try P2PConstants(environment: environment))
    }

    @Test(
        arguments: [
            ("3.9 5.9 0 1/1 1", 2, nil), ("4.1 0.1 0 1/1 1", 2, "Load 4.1 > 4 (cpus=2 x 2.0)"),
            ("0.1 6.1 0 1/1 1", 2, "5min load 6.1 > 6"), ("2.1 0 0", 0, "Load 2.1 > 2 (cpus=1 x 2.0)"),
            (nil, 2, nil),
        ] as [(String?, Int, String?)])
    func load(_ average: String?, _ processors: Int, _ refusal: String?) throws {
        #expect(try gate().loadRefusal(loadAverage: average, processors: processors) == refusal)
    }

    @Test func rate() throws {
        var times: [Double] = [30, 40.5, 50, 60, 70, 80]
        #expect(try gate().rateRefusal(&times, now: 100) == "Rate limit: 5/5 spawns in last minute")
        #expect(times == [40.5, 50, 60, 70, 80])
        #expect(try gate().rateRefusal(&times, now: 100.5) == nil)
        #expect(times == [50, 60, 70, 80])
    }

    @Test func queue() {
        func refusal(_ level: SpawnGate.QueueLevel, _ draw: Double) -> String? {
            SpawnGate.queueRefusal(level) { draw }
        }
        #expect(refusal(.none, 0.99) == nil)
        #expect(refusal(.soft, 0.5) == nil)
        #expect(refusal(.soft, 0.51) == "Backpressure: throttled (factor=0.50)")
        #expect(refusal(.hard, 0.2) == "Backpressure: throttled (factor=0.10)")
        #expect(refusal(.stop, 0) == "Backpressure: training queue at STOP level")
    }

    /// Contract 06 section 7.3.
    @Test(
        arguments: [
            (nil, 3, "0"), ("", 3, "0"), ("A100\n \nA100\n", 3, "1"), ("A100\n", 7, "0"),
        ] as [(String?, Int, PyString)])
    func devices(_ names: String?, _ running: Int, _ device: PyString) {
        #expect(GPUChoice.device(names: names, running: running) == device)
    }
}

/// Contract 06 section 7: engine modes and games.
@Suite struct JobPlanTests {
    private let setting = JobPlan.Setting(ringriftPath: "/r", python: "python3", now: 1_795_357_434.5)

    private func value(_ request: JobRequest, after option: PyValue) throws -> PyValue? {
        let arguments = try JobPlan(request, jobID: "j", setting: setting)?.arguments ?? []
        guard let place = arguments.firstIndex(of: option) else { return nil }
        return arguments[place + 1]
    }

    @Test(
        arguments: [
            (.selfplay, "heuristic-vs-nn", "heuristic-vs-nn"), (.selfplay, "mcts", "nn-only"),
            (.selfplay, 5, "nn-only"),
            (.cpuSelfplay, "mixed", "mixed"), (.hybridSelfplay, "mcts", "mcts"), (.hybridSelfplay, "mcts-only", "mcts"),
            (.hybridSelfplay, "descent-only", "mcts"), (.hybridSelfplay, "minimax-only", "mixed"),
            (.hybridSelfplay, "nn-vs-descent", "nnue-guided"), (.hybridSelfplay, "heuristic-vs-nn", "heuristic-only"),
        ] as [(JobType, PyValue, PyValue)])
    func modes(_ type: JobType, _ mode: PyValue, _ expected: PyValue) throws {
        let request = JobRequest(type: type, engineMode: mode)
        #expect(try value(request, after: "--engine-mode") == expected)
    }

    @Test(
        arguments: [
            (.selfplay, "square8", "1000"), (.selfplay, "square19", "200"), (.selfplay, "hexagonal", "100"),
            (.cpuSelfplay, "square8", "2000"), (.cpuSelfplay, "square19", "400"), (.cpuSelfplay, "hexagonal", "200"),
            (.hybridSelfplay, "x", "1000"), (.hybridSelfplay, "square19", "500"), (.hybridSelfplay, "hex", "300"),
        ] as [(JobType, PyValue, PyValue)])
    func games(_ type: JobType, _ board: PyValue, _ expected: PyValue) throws {
        #expect(try value(JobRequest(type: type, boardType: board), after: "--num-games") == expected)
    }

    @Test func seed() throws {
        // int(1795357434.5 * 1000) % 2**31
        #expect(try value(JobRequest(type: .hybridSelfplay), after: "--seed") == "61104772")
    }

    @Test func modesThatAreNoKeys() {
        #expect {
            try JobPlan(JobRequest(type: .selfplay, engineMode: []), jobID: "j", setting: setting)
        } throws: {
            ($0 as? PyException)?.message == "unhashable type: 'list'"
        }
    }
}
