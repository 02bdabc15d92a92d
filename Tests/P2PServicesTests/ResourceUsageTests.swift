import Effects
import P2PModel
import PythonSemantics
import TestSupport
import Testing

@testable import P2PServices

/// Contract 06 sections 4.1 to 4.4 and 07 section 1.
@Suite struct ResourceUsageTests {
    @Test(arguments: [
        ("0.52 0.30 0.10 1/200 4242\n", 2, 26.0), ("1.00 9.00 9.00 1/1 1", 4, 25), ("3.70 0 0 1/1 1", 2, 100),
        ("0.00 0.00 0.00 1/1 1", 2, 0), ("0.50 0 0 1/1 1", 0, 50), ("x", 2, 0), ("", 2, 0), (nil, 2, 0),
    ])
    func cpuIsTheLoadAverage(_ loadAverage: String?, _ processors: Int, _ expected: Double) {
        #expect(ResourceUsage.cpuPercent(loadAverage: loadAverage, processors: processors) == expected)
    }

    @Test(arguments: [
        ("MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    750 kB\n", 25.0),
        ("MemTotal: 1000 kB\nMemFree: 400 kB\n", 60),
        ("MemTotal: 1000 kB\n", 100), ("MemFree: 5 kB\n", 0), ("MemTotal: 0 kB\nMemAvailable: 0 kB\n", 0), (nil, 0),
        ("garbage\nMemTotal: 8 kB\nMemAvailable: 8 kB\nHugePages_Total:       0\n", 0),
    ])
    func memory(_ meminfo: String?, _ expected: Double) {
        #expect(ResourceUsage.memoryPercent(meminfo: meminfo) == expected)
    }

    @Test(arguments: [
        ("45, 1000, 4000\n", 45.0, 25.0),
        // The highest of all GPUs, each figure by itself.
        ("10, 3000, 4000\n90, 0, 4000\n", 90, 75),
        ("[N/A], 1, 2\n7, 1, 4\n", 7, 25), ("5, 1\nx\n", 0, 0), ("50, 10, 0\n", 50, 0), ("", 0, 0),
    ])
    func gpu(_ output: String, _ utilisation: Double, _ memory: Double) {
        #expect(ResourceUsage.gpuPercents(output) == (utilisation, memory))
    }

    /// Used blocks count what is reserved for root; available blocks do not matter here.
    @Test func diskAndTheWholeSample() {
        let fake = world()
        fake.probes.change { machine in
            machine.proc = ["loadavg": "0.52 0 0 1/1 1", "meminfo": "MemTotal: 4 kB\nMemAvailable: 3 kB\n"]
            machine.fileSystems["/srv/ringrift"] = FileSystemUsage(blocks: 1000, free: 930, available: 880)
        }
        var expected = ResourceUsage()
        expected.cpuPercent = 26
        expected.memoryPercent = 25
        expected.diskPercent = 7
        #expect(ResourceUsage.sample(fake.probes, path: "/srv/ringrift", gpuQuery: nil) == expected)
        expected.gpuPercent = 12
        expected.gpuMemoryPercent = 50
        #expect(ResourceUsage.sample(fake.probes, path: "/srv/ringrift", gpuQuery: "12, 1, 2") == expected)
        expected.diskPercent = 0
        #expect(ResourceUsage.sample(fake.probes, path: "/elsewhere", gpuQuery: "12, 1, 2") == expected)
    }

    @Test(arguments: [(0 as UInt64, 0 as UInt64, 0.0), (10, 20, -100), (3, 0, 100)])
    func oddFileSystems(_ blocks: UInt64, _ free: UInt64, _ expected: Double) {
        let fake = world()
        fake.probes.change { $0.fileSystems["/"] = FileSystemUsage(blocks: blocks, free: free, available: 0) }
        #expect(ResourceUsage.sample(fake.probes, path: "/", gpuQuery: nil).diskPercent == expected)
    }
}

@Suite struct HostDescriptionTests {
    private static let query = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    private static let torch = ["python3", "-c", "import torch; print(torch.backends.mps.is_available())"]

    @Test(arguments: [
        (
            ProcessOutcome.exited(status: 0, output: "NVIDIA H100 PCIe\nNVIDIA A10\n", errorOutput: ""),
            "NVIDIA H100 PCIe"
        ),
        (.exited(status: 0, output: "  \n", errorOutput: ""), ""),
        (.exited(status: 9, output: "NVIDIA-SMI has failed\n", errorOutput: ""), ""),
        (.timedOut, ""), (.notStarted("[Errno 2] No such file or directory: 'nvidia-smi'"), ""),
    ])
    func graphics(_ outcome: ProcessOutcome, _ name: String) async {
        let fake = world()
        fake.processes.answer(Self.query, outcome)
        fake.probes.change { $0.proc["meminfo"] = "MemTotal: 50331647 kB\n" }
        let host = await HostDescription.detect(fake.effects)
        #expect(host == HostDescription(processors: 2, hasGPU: !name.isEmpty, gpuName: name, memoryGB: 47))
        #expect(fake.processes.requests == [ProcessRequest(Self.query, timeout: 5)])
    }

    @Test(arguments: [
        ("MemTotal: 67108864 kB\n", 64), ("MemTotal: 67108863 kB\n", 63), ("MemFree: 1 kB\n", 16), (nil, 16),
    ])
    func memory(_ meminfo: String?, _ expected: Int) { #expect(HostDescription.memoryGB(meminfo: meminfo) == expected) }

    @Test(arguments: [
        (false, 63, ["selfplay"]), (false, 64, ["selfplay", "large_boards"]),
        (true, 16, ["selfplay", "training", "cmaes"]),
        (true, 128, ["selfplay", "training", "cmaes", "large_boards"]),
    ])
    func capabilities(_ hasGPU: Bool, _ memory: Int, _ expected: [String]) {
        let host = HostDescription(processors: 1, hasGPU: hasGPU, gpuName: "", memoryGB: memory)
        #expect(host.capabilities == expected)
    }

    @Test(arguments: [
        (ProcessOutcome.exited(status: 0, output: "True\n", errorOutput: ""), true),
        (.exited(status: 0, output: "False\n", errorOutput: ""), false),
        (.exited(status: 1, output: "", errorOutput: "No module named 'torch'"), false), (.timedOut, false),
    ])
    func appleGraphics(_ outcome: ProcessOutcome, _ expected: Bool) async {
        let fake = world()
        fake.processes.answer(Self.torch, outcome)
        #expect(await HostDescription.hasMPS(fake.processes) == expected)
        #expect(fake.processes.requests == [ProcessRequest(Self.torch, timeout: 10)])
    }
}

@Suite struct JobCountTests {
    private func job(_ id: PyString, _ type: JobType, pid: PyValue, status: PyValue = "running") -> ClusterJob {
        var job = ClusterJob(jobID: .string(id), jobType: type, nodeID: "n5")
        job.pid = pid
        job.status = status
        return job
    }

    @Test(arguments: [
        ("python3 scripts/run_self_play_soak.py --x", 1, 0), ("python3 run_gpu_selfplay.py", 1, 0),
        ("run_hybrid_selfplay.py", 1, 0), ("python3 -m app.training.train_nnue", 0, 1), ("python3 train.py", 0, 1),
        // Any process whose command line holds the text.
        ("vim train.py", 0, 1), ("python3 p2p_orchestrator.py --node-id train_1", 0, 1),
        // pgrep's patterns are regular expressions: the dot is any character.
        ("/opt/train/python3 serve", 0, 1), ("python3 run_self_play_soak-py", 1, 0),
        ("python3 run_diverse_selfplay.py", 0, 0), ("python3 trainpy", 0, 0), ("", 0, 0),
    ])
    func commandLines(_ line: String, _ selfplay: Int, _ training: Int) {
        let count = JobCount.count(jobs: [], commands: [ProcessCommand(pid: 5, line: line)]) { _ in true }
        #expect(count == JobCount(selfplay: selfplay, training: training, finished: []))
    }

    @Test func trackedJobs() {
        let jobs = [
            job("a", .selfplay, pid: 10), job("b", .gpuSelfplay, pid: 11), job("c", .hybridSelfplay, pid: 12),
            job("d", .cpuSelfplay, pid: 13), job("e", .training, pid: 14), job("f", .dataExport, pid: 15),
            job("gone", .selfplay, pid: 20), job("export gone", .dataExport, pid: 21),
            job("not running", .selfplay, pid: 22, status: "stopped"), job("no pid", .selfplay, pid: 0),
            job("negative", .selfplay, pid: -3),
        ]
        let count = JobCount.count(jobs: jobs, commands: nil) { (10...15).contains($0) }
        #expect(count == JobCount(selfplay: 4, training: 1, finished: ["gone", "export gone"]))
    }

    /// A tracked process is found again by its command line and counts once.
    @Test func noProcessCountsTwice() {
        let commands = [
            ProcessCommand(pid: 10, line: "python3 run_self_play_soak.py"),
            ProcessCommand(pid: 30, line: "python3 run_self_play_soak.py && train.py"),
        ]
        let count = JobCount.count(jobs: [job("a", .selfplay, pid: 10)], commands: commands) { _ in true }
        #expect(count == JobCount(selfplay: 2, training: 1, finished: []))
    }
}

/// Contract 06 section 4.4, 01 section 4.18.
@Suite struct SelfInfoTests {
    private func sample() -> ResourceMonitor.Sample {
        var sample = ResourceMonitor.Sample()
        sample.usage.cpuPercent = 26
        sample.usage.memoryPercent = 25
        sample.usage.diskPercent = 7
        sample.usage.gpuPercent = 3
        sample.usage.gpuMemoryPercent = 4
        sample.selfplayJobs = 5
        sample.trainingJobs = 6
        return sample
    }

    @Test func figures() throws {
        var turn = try turn()
        turn.leadership.role = .candidate
        turn.refreshSelfInfo(from: sample(), hasKnownPeers: false, startTime: testNow - 10)
        let info = turn.selfInfo
        #expect(
            [info[.cpuPercent], info[.memoryPercent], info[.diskPercent], info[.gpuPercent], info[.gpuMemoryPercent]]
                == [26.0, 25.0, 7.0, 3.0, 4.0])
        #expect([info[.selfplayJobs], info[.trainingJobs]] == [5, 6])
        #expect(info.role == .candidate)
        #expect(info[.lastHeartbeat] == .float(testNow))
    }

    /// Known peers, discovered peers, seconds since the last heartbeat (nil: none since the start), since the start; blocked.
    @Test(arguments: [
        (false, false, nil as Double?, 500.0, false), (true, false, nil, 179.75, false), (true, false, nil, 180, true),
        (false, true, nil, 180, true), (true, true, 179.75, 500, false), (true, true, 180, 500, true),
    ])
    func blockedByNAT(_ known: Bool, _ discovered: Bool, _ silence: Double?, _ uptime: Double, _ blocked: Bool) throws {
        var turn = try turn(discovered ? [peer("n1")] : [], lastInbound: silence.map { testNow - $0 } ?? 0)
        turn.refreshSelfInfo(from: sample(), hasKnownPeers: known, startTime: testNow - uptime)
        #expect(turn.selfInfo[.natBlocked] == .bool(blocked))
    }

    @Test(arguments: [
        (true, "boss" as PyValue, "boss" as PyValue), (true, "n5", "before"), (true, .none, "before"),
        (false, "boss", ""),
    ])
    func relay(_ blocked: Bool, _ leader: PyValue, _ expected: PyValue) throws {
        var turn = try turn([peer("boss")], lastInbound: testNow - (blocked ? 200 : 1))
        turn.selfInfo[.relayVia] = "before"
        turn.leadership.leaderID = leader
        turn.refreshSelfInfo(from: sample(), hasKnownPeers: false, startTime: 0)
        #expect(turn.selfInfo[.relayVia] == expected)
    }
}
