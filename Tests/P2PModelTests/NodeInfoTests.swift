import P2PModel
import PythonSemantics
import Testing

/// Contract 02 section 3; the odd cases were observed on the legacy.
struct NodeInfoTests {
    @Test func freshRecordHasTheTextOfTheContract() throws {
        let info = try NodeInfo(
            fromDict: json(
                #"{"node_id": "n1", "host": "127.0.0.1", "port": 19001, "last_heartbeat": 1795351226.104977, "cpu_count": 2, "memory_gb": 23, "capabilities": ["selfplay"], "version": "unknown"}"#
            ))
        let expected =
            #"{"node_id": "n1", "host": "127.0.0.1", "port": 19001, "scheme": "http", "role": "follower", "last_heartbeat": 1795351226.104977, "cpu_count": 2, "cpu_percent": 0.0, "memory_percent": 0.0, "disk_percent": 0.0, "gpu_percent": 0.0, "gpu_memory_percent": 0.0, "selfplay_jobs": 0, "training_jobs": 0, "has_gpu": false, "gpu_name": "", "memory_gb": 23, "capabilities": ["selfplay"], "version": "unknown", "reported_host": "", "reported_port": 0, "consecutive_failures": 0, "last_failure_time": 0.0, "disk_cleanup_needed": false, "oom_events": 0, "last_oom_time": 0.0, "nat_blocked": false, "nat_blocked_since": 0.0, "last_nat_probe": 0.0, "relay_via": "", "retired": false, "retired_at": 0.0, "load_score": 0.0, "gpu_power_score": 0, "cpu_power_score": 2, "is_cpu_only_node": true, "is_cuda_gpu_node": false}"#
        #expect(try text(info.toDict()) == expected)
        var bytes: [UInt8] = []
        try info.appendJSON(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
        bytes = []
        try info.appendJSON(to: &bytes, extra: [(key: "leader_eligible", value: true)])
        #expect(String(decoding: bytes, as: UTF8.self) == expected.dropLast() + #", "leader_eligible": true}"#)
    }

    /// The text and the endpoint are remembered; a change of a record or of a copy must show in it and only there.
    @Test(arguments: NodeInfo.Field.allCases) func whatIsRememberedFollowsTheFields(_ field: NodeInfo.Field) throws {
        func shown(_ info: NodeInfo) throws -> String {
            var bytes: [UInt8] = []
            try info.appendJSON(to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
        let new: [NodeInfo.Field: PyValue] = [.role: "leader", .host: "10.0.0.9", .scheme: "HTTPS", .gpuName: "H100"]
        var info = NodeInfo(nodeID: "n1", host: "10.0.0.1", port: 8770)
        let before = (text: try shown(info), endpoint: info.endpointKey)
        let copy = info
        info[field] = new[field] ?? 7
        let after = try shown(info)
        #expect(after != before.text)
        #expect(try after == text(info.toDict()))
        #expect((info.endpointKey != before.endpoint) == [.host, .port, .scheme].contains(field))
        #expect(try shown(copy) == before.text)
        #expect(copy.endpointKey == before.endpoint)
        info[field] = copy[field]
        #expect(try shown(info) == before.text)
    }

    @Test(arguments: [
        ("[]", "AttributeError: 'list' object has no attribute 'get'"),
        ("\"s\"", "AttributeError: 'str' object has no attribute 'copy'"),
        ("null", "AttributeError: 'NoneType' object has no attribute 'copy'"),
        (#"{"role": "boss"}"#, "ValueError: 'boss' is not a valid NodeRole"),
        (#"{"role": null}"#, "ValueError: None is not a valid NodeRole"),
        (#"{"role": "x'y"}"#, #"ValueError: "x'y" is not a valid NodeRole"#),
        (
            "{}",
            "TypeError: NodeInfo.__init__() missing 3 required positional arguments: 'node_id', 'host', and 'port'"
        ),
        (
            #"{"node_id": 1}"#,
            "TypeError: NodeInfo.__init__() missing 2 required positional arguments: 'host' and 'port'"
        ),
        (
            #"{"node_id": 1, "host": 2}"#,
            "TypeError: NodeInfo.__init__() missing 1 required positional argument: 'port'"
        ),
    ])
    func badInputIsRefused(_ input: String, _ message: String) throws {
        let value = try json(PyString(input))
        #expect(failure { () throws(PyException) in _ = try NodeInfo(fromDict: value) } == message)
    }

    @Test(arguments: [
        (#"{"has_gpu": true, "gpu_name": "NVIDIA GH200", "memory_gb": 500}"#, "gpu_power_score", "15000"),
        (#"{"has_gpu": true, "gpu_name": "A10", "memory_gb": 120}"#, "gpu_power_score", "250"),
        (#"{"has_gpu": true, "gpu_name": "A10G", "memory_gb": 170}"#, "gpu_power_score", "500"),
        (#"{"has_gpu": true, "gpu_name": "Tesla T4", "memory_gb": 300}"#, "gpu_power_score", "10"),
        (#"{"has_gpu": true, "gpu_name": "Unknown GPU", "memory_gb": 240}"#, "gpu_power_score", "30"),
        (#"{"has_gpu": true, "gpu_name": "apple m2 max", "memory_gb": 192}"#, "gpu_power_score", "50"),
        (#"{"has_gpu": true, "gpu_name": "H100", "memory_gb": 256.0}"#, "gpu_power_score", "6000.0"),
        (#"{"has_gpu": true, "gpu_name": "H100", "memory_gb": Infinity}"#, "gpu_power_score", "2000"),
        (#"{"has_gpu": 1, "gpu_name": "apple m2 max"}"#, "is_cuda_gpu_node", "false"),
        (#"{"has_gpu": null}"#, "is_cuda_gpu_node", "null"),
        (#"{"has_gpu": "yes"}"#, "is_cpu_only_node", "false"),
        (#"{"node_id": "VAST-1", "cpu_count": 33}"#, "cpu_power_score", "49"),
        (#"{"node_id": "lambda-vast", "cpu_count": 33}"#, "cpu_power_score", "49"),
        (#"{"node_id": "my-lambda", "cpu_count": 33}"#, "cpu_power_score", "16"),
        (#"{"node_id": "aws-cpu-2", "cpu_count": 10}"#, "cpu_power_score", "12"),
        (#"{"cpu_count": true}"#, "cpu_power_score", "true"),
        (
            #"{"cpu_percent": 33.3, "memory_percent": 44.4, "selfplay_jobs": 3, "training_jobs": 1, "has_gpu": true, "gpu_percent": 55.5}"#,
            "load_score", "48.423"
        ),
        (#"{"cpu_percent": NaN}"#, "load_score", "100.0"),
        (#"{"cpu_percent": -Infinity}"#, "load_score", "-Infinity"),
        (#"{"selfplay_jobs": 1.5, "training_jobs": 2.25}"#, "load_score", "22.5"),
    ])
    func derivedKeys(_ fields: String, _ key: String, _ expected: String) throws {
        let dict = try record(fields).toDict()
        #expect(try PyJSON.dumpsText(#require(dict[PyString(key)])).description == expected)
    }

    @Test(arguments: [
        (#"{"cpu_percent": "abc"}"#, "TypeError: can't multiply sequence by non-int of type 'float'"),
        (#"{"training_jobs": null}"#, "TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'"),
        (#"{"selfplay_jobs": "a"}"#, "TypeError: can only concatenate str (not \"int\") to str"),
        (#"{"gpu_percent": "a", "has_gpu": 1}"#, "TypeError: '>' not supported between instances of 'str' and 'int'"),
        (#"{"cpu_count": "a"}"#, "TypeError: '<=' not supported between instances of 'str' and 'int'"),
        (#"{"node_id": 0, "cpu_count": 4}"#, "AttributeError: 'int' object has no attribute 'lower'"),
        (#"{"gpu_name": true}"#, "AttributeError: 'bool' object has no attribute 'upper'"),
        (
            #"{"memory_gb": "a", "gpu_name": "H100", "has_gpu": 1}"#,
            "TypeError: '>' not supported between instances of 'str' and 'int'"
        ),
        (#"{"node_id": "vast", "cpu_count": Infinity}"#, "OverflowError: cannot convert float infinity to integer"),
    ])
    func wrongTypesFailLikePython(_ fields: String, _ message: String) throws {
        let info = try record(fields)
        #expect(failure { () throws(PyException) in _ = try info.toDict() } == message)
        var bytes: [UInt8] = []
        #expect(failure { () throws(PyException) in try info.appendJSON(to: &bytes) } == message)
        #expect(bytes.isEmpty)
    }

    @Test func aliveHealthyRetry() throws {
        let constants = try testConstants()
        var info = peer("a")
        for (age, alive) in [(-50.0, true), (89.9, true), (90, false), (91, false)] {
            info[.lastHeartbeat] = .float(testNow - age)
            #expect(try info.isAlive(now: testNow, constants: constants) == alive)
        }
        info = peer("a")
        #expect(try info.isHealthy(now: testNow, constants: constants))
        info[.diskPercent] = 65
        #expect(try !info.isHealthy(now: testNow, constants: constants))
        info[.diskPercent] = .float(.nan)
        #expect(try info.isHealthy(now: testNow, constants: constants))
        info[.consecutiveFailures] = 2
        #expect(try info.shouldRetry(now: testNow, constants: constants))
        info[.consecutiveFailures] = 3
        info[.lastFailureTime] = .float(testNow - 300)
        #expect(try !info.shouldRetry(now: testNow, constants: constants))
        info[.lastFailureTime] = .float(testNow - 301)
        #expect(try info.shouldRetry(now: testNow, constants: constants))
        info[.retired] = true
        #expect(try !info.shouldRetry(now: testNow, constants: constants))
    }

    @Test func settingAnUnknownRoleChangesNothing() {
        var info = peer("a", role: .leader)
        info[.role] = "king"
        #expect(info.role == .leader)
        #expect(info[.role] == "leader")
    }

    private func record(_ fields: String) throws -> NodeInfo {
        var dict = try #require(json(PyString(fields)).asDict)
        for (key, value) in ["node_id": "n", "host": "h", "port": 1] as PyDict where dict[key] == nil {
            dict[key] = value
        }
        return try NodeInfo(fromDict: .dict(dict))
    }
}
