import Cutover
import Effects
import P2PModel
import P2PServices
import PythonSemantics

/// Builds a node in the legacy constructor's order, which decides the order of the start lines. Contract 01 section 2.6.
package struct NodeAssembly {
    private let options: P2POptions
    private let environment: [String: String]
    private let tree: String
    private let effects: Effects
    private let console: any Console
    private let constants: P2PConstants
    private let leavesImprovement: Bool
    private let modes: ServingModes

    /// - Parameter leavesImprovement: a worker opens the database of the improvement cycles; here it is only read.
    package init(
        options: P2POptions, environment: [String: String], tree: String, effects: Effects, console: any Console,
        constants: P2PConstants, leavesImprovement: Bool = false,
        modes: ServingModes = ServingModes(FlagTable(environment: [:]))
    ) {
        self.modes = modes
        self.leavesImprovement = leavesImprovement
        self.options = options
        self.environment = environment
        self.tree = tree
        self.effects = effects
        self.console = console
        self.constants = constants
    }

    /// - Throws: `P2PStartupFailure` for what ends the legacy's start with a traceback.
    package func build() async throws(P2PStartupFailure) -> NodeRuntime {
        try prepareTree()
        let startTime = effects.clock.now()
        let configuration = try await configure()
        var leadership = LeadershipState(now: startTime)
        try loadVoters(configuration, into: &leadership)

        let thresholds = try improvementThresholds()
        let improvement = openImprovement(configuration)
        console.print(
            "[P2P] Safeguards: rate_limit=\(constants.spawnRateLimitPerMinute)/min, "
                + "load_max=\(PyNumber.repr(constants.loadAverageMaxMultiplier))x, "
                + "agent_mode=\(constants.agentModeEnabled ? "True" : "False")")

        let database = StateDatabase(path: configuration.statePath, databases: effects.databases)
        try fatal { () throws(PyException) in try database.createSchema() }
        let host = await HostDescription.detect(effects)
        let selfInfo = describeSelf(configuration, host, startTime)
        var state = NodeState(
            selfInfo: selfInfo, leadership: leadership, diversity: DiversityMetrics(now: startTime))
        StateLoader(nodeID: configuration.nodeID, constants: constants, now: startTime)
            .load(database, into: &state, votersFromEnvironment: configuration.votersFromEnvironment)
            .forEach { console.print($0) }
        state.selfInfo.setRole(state.leadership.role)
        announce(configuration)

        let (targets, complaint) = ResourceTargets.load(
            tree: tree, files: effects.files, environment: environment)
        if let complaint { console.print(complaint) }
        let resources = ResourceMonitor(
            effects: effects, path: configuration.ringriftPath, tree: tree, targets: targets, hasNVIDIA: host.hasGPU,
            environment: environment)
        return NodeRuntime(
            configuration: configuration, effects: effects, console: console, store: NodeStore(state),
            resources: resources, database: database, improvement: improvement, improvementThresholds: thresholds,
            startTime: startTime, modes: modes)
    }

    /// What the legacy creates when it is imported.
    private func prepareTree() throws(P2PStartupFailure) {
        try fatal { () throws(PyException) in
            try effects.files.createDirectory(tree + "/logs/p2p_orchestrator")
            try effects.files.createDirectory(tree + "/data/coordination")
            try CoordinationDatabase.createSchema(tree: tree, databases: effects.databases)
        }
    }

    private func configure() async throws(P2PStartupFailure) -> NodeConfiguration {
        let ringriftPath = NodeConfiguration.ringriftPath(
            option: options.ringriftPath, tree: tree, environment: environment, files: effects.files)
        let version = await NodeConfiguration.buildVersion(
            ringriftPath: ringriftPath, environment: environment, processes: effects.processes)
        var advertiseHost = (options.advertiseHost ?? "").trimmedASCII
        if advertiseHost.isEmpty { advertiseHost = (environment["RINGRIFT_ADVERTISE_HOST"] ?? "").trimmedASCII }
        let tailscale = await NodeConfiguration.tailscaleAddress(processes: effects.processes)
        if advertiseHost.isEmpty { advertiseHost = tailscale.isEmpty ? effects.probes.localAddress() : tailscale }
        let (token, complaint) = NodeConfiguration.token(
            option: options.authToken, environment: environment, files: effects.files)
        if let complaint { console.print(complaint) }
        if options.requireAuth, token.isEmpty { throw .requiredTokenMissing }
        return NodeConfiguration(
            nodeID: PyString(options.nodeID), host: options.host, port: options.port, knownPeers: options.peers,
            relayPeers: Set(options.relayPeers), ringriftPath: ringriftPath, tree: tree,
            advertiseHost: advertiseHost,
            advertisePort: NodeConfiguration.advertisePort(
                option: options.advertisePort, port: options.port, environment: environment),
            reportedHost: tailscale.isEmpty || tailscale == advertiseHost ? "" : tailscale,
            tailscaleHost: tailscale, token: token,
            buildVersion: version, constants: constants, environment: environment)
    }

    /// Contract 01 section 4.4, "Load at start".
    private func loadVoters(
        _ configuration: NodeConfiguration, into leadership: inout LeadershipState
    ) throws(P2PStartupFailure) {
        if let ids = VoterList.fromEnvironment(PyString(environment["RINGRIFT_P2P_VOTERS"] ?? "")) {
            leadership.voterIDs = ids
            leadership.voterSource = .env
        } else {
            let path = configuration.ringriftPath + "/ai-service/config/distributed_hosts.yaml"
            guard let bytes = try? effects.files.read(path),
                let document = try? YAMLValue.load(String(decoding: bytes, as: UTF8.self)), document != .none
            else { return }
            let ids = try fatal { () throws(PyException) in try VoterList.fromHosts(document) }
            guard !ids.isEmpty else { return }
            leadership.voterIDs = ids
            leadership.voterSource = .config
        }
        leadership.voterQuorumSize = min(constants.voterMinQuorum, leadership.voterIDs.count)
        if !leadership.voterIDs.isEmpty {
            console.print(
                LogLine.voterQuorumEnabled(voters: leadership.voterIDs, quorum: leadership.voterQuorumSize).text)
        }
    }

    private func improvementThresholds() throws(P2PStartupFailure) -> ImprovementCycles.Thresholds {
        try fatal { () throws(PyException) in
            try ImprovementCycles.Thresholds.load(tree: tree, environment: environment, files: effects.files)
        }
    }

    private func openImprovement(_ configuration: NodeConfiguration) -> ImprovementCycles? {
        let database = ImprovementDatabase(path: configuration.improvementPath, databases: effects.databases)
        do throws(PyException) {
            if leavesImprovement { return try database.peek(exists: effects.files.exists(database.path)) }
            let (cycles, lines) = try database.open(now: effects.clock.now())
            lines.forEach { console.print($0) }
            console.print("[P2P] ImprovementCycleManager initialized")
            return cycles
        } catch {
            console.print("[P2P] Failed to initialize ImprovementCycleManager: \(error.message)")
            return nil
        }
    }

    private func describeSelf(
        _ configuration: NodeConfiguration, _ host: HostDescription, _ now: Double
    ) -> NodeInfo {
        var info = NodeInfo(
            nodeID: .string(configuration.nodeID), host: .string(PyString(configuration.advertiseHost)),
            port: .int(configuration.advertisePort))
        info[.lastHeartbeat] = .float(now)
        info[.cpuCount] = .int(host.processors)
        info[.hasGPU] = .bool(host.hasGPU)
        info[.gpuName] = .string(PyString(host.gpuName))
        info[.memoryGB] = .int(host.memoryGB)
        info[.capabilities] = .list(host.capabilities.map { .string(PyString($0)) })
        info[.version] = .string(PyString(configuration.buildVersion))
        if !configuration.reportedHost.isEmpty {
            info[.reportedHost] = .string(PyString(configuration.reportedHost))
            info[.reportedPort] = .int(configuration.port)
        }
        return info
    }

    private func announce(_ configuration: NodeConfiguration) {
        func list(_ texts: some Sequence<String>) -> String {
            PyValue.list(texts.map { .string(PyString($0)) }).pyRepr
        }
        console.print(
            "[P2P] Initialized node \(configuration.nodeID) on \(configuration.host):\(configuration.port) "
                + "(advertise \(configuration.advertiseHost):\(configuration.advertisePort))")
        console.print("[P2P] RingRift path: \(configuration.ringriftPath)")
        console.print("[P2P] Version: \(configuration.buildVersion)")
        console.print("[P2P] Known peers: \(list(configuration.knownPeers))")
        if !configuration.relayPeers.isEmpty {
            console.print("[P2P] Relay peers (forced relay mode): \(list(configuration.relayPeers))")
        }
        console.print(
            configuration.token.isEmpty
                ? "[P2P] Auth: disabled (set RINGRIFT_CLUSTER_AUTH_TOKEN to enable)"
                : "[P2P] Auth: enabled via RINGRIFT_CLUSTER_AUTH_TOKEN")
    }

    private func fatal<T>(_ body: () throws(PyException) -> T) throws(P2PStartupFailure) -> T {
        do throws(PyException) { return try body() } catch {
            throw P2PStartupFailure(type: error.qualifiedType, message: error.message)
        }
    }
}

extension PyException {
    /// `sqlite3.DatabaseError`: the class as a traceback names it.
    var qualifiedType: String { module.map { "\($0).\(type)" } ?? type }
    /// The last line of a traceback.
    var tracebackLine: String { "\(qualifiedType): \(message)" }
}
