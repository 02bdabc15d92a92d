import PythonSemantics

/// The P2P node's constants (contract 01 section 2.4). The fixed ones are static; an instance holds those that the
/// environment decides, read once at start. Durations are in seconds, thresholds in percent unless the name says otherwise.
package struct P2PConstants: Sendable, Equatable {
    // MARK: Resources
    package let diskCriticalThreshold: Int
    package let diskWarningThreshold: Int
    package let diskCleanupThreshold: Int
    package let memoryCriticalThreshold: Int
    package let memoryWarningThreshold: Int
    package let minMemoryGBForTasks: Int
    package let loadMaxForNewJobs: Int
    package let targetGPUUtilMin: Int
    package let targetGPUUtilMax: Int
    package let gh200MinSelfplay: Int
    package let gh200MaxSelfplay: Int
    package let maxDiskUsagePercent: Double

    // MARK: Peers
    package let peerRetireAfterSeconds: Int
    package let retryRetiredNodeInterval: Int
    package let peerPurgeAfterSeconds: Int

    // MARK: Spawn safeguards
    /// 0: off.
    package let runawaySelfplayProcessThreshold: Int
    package let loadAverageMaxMultiplier: Double
    package let spawnRateLimitPerMinute: Int
    package let coordinatorURL: String
    package let agentModeEnabled: Bool

    // MARK: Voters and leader
    package let arbiterURL: String
    package let dynamicVoterEnabled: Bool
    package let dynamicVoterTarget: Int
    package let dynamicVoterMin: Int
    package let voterMinQuorum: Int
    package let dynamicVoterMaxQuorum: Int
    package let voterHealthThreshold: Double
    package let voterPromotionUptime: Int
    package let voterDemotionFailures: Int
    /// A share of 1.
    package let leaderMinResponseRate: Double

    // MARK: Update
    package let gitUpdateCheckInterval: Int
    package let autoUpdateEnabled: Bool

    // MARK: Network
    /// Used only where a SOCKS library is; the reference has none.
    package let socksProxy: String

    /// GPU targets of the tree's `config/unified_loop.yaml` (section `resource_targets`).
    package struct GPUTargets: Sendable, Equatable {
        package var min: Double
        package var max: Double

        package init(min: Double = 60, max: Double = 85) {
            self.min = min
            self.max = max
        }
    }

    /// Reads the environment in the legacy's order, so that of several bad values the same one ends the program.
    /// - Throws: `P2PStartupFailure`, whose last line is Python's; it is due even for `--help`.
    package init(
        environment: [String: String], gpuTargets: GPUTargets = GPUTargets()
    ) throws(P2PStartupFailure) {
        let env = P2PEnvironment(environment)
        let yes: Set<String> = ["1", "true", "yes"]

        socksProxy = env.text("RINGRIFT_SOCKS_PROXY")
        try P2PImportTimeVariables.check(env)

        diskCriticalThreshold = try env.int("RINGRIFT_P2P_DISK_CRITICAL_THRESHOLD", default: 70)
        diskWarningThreshold = try env.int("RINGRIFT_P2P_DISK_WARNING_THRESHOLD", default: 65)
        diskCleanupThreshold = try env.int("RINGRIFT_P2P_DISK_CLEANUP_THRESHOLD", default: 65)
        memoryCriticalThreshold = min(80, try env.int("RINGRIFT_P2P_MEMORY_CRITICAL_THRESHOLD", default: 80))
        memoryWarningThreshold = min(75, try env.int("RINGRIFT_P2P_MEMORY_WARNING_THRESHOLD", default: 75))
        minMemoryGBForTasks = try env.int("RINGRIFT_P2P_MIN_MEMORY_GB", default: 64)
        loadMaxForNewJobs = min(80, try env.int("RINGRIFT_P2P_LOAD_MAX_FOR_NEW_JOBS", default: 80))
        targetGPUUtilMin = Int(gpuTargets.min)
        targetGPUUtilMax = min(80, Int(gpuTargets.max))
        gh200MinSelfplay = try env.int("RINGRIFT_P2P_GH200_MIN_SELFPLAY", default: 20)
        gh200MaxSelfplay = try env.int("RINGRIFT_P2P_GH200_MAX_SELFPLAY", default: 100)

        peerRetireAfterSeconds = try env.int("RINGRIFT_P2P_PEER_RETIRE_AFTER_SECONDS", default: 3600)
        retryRetiredNodeInterval = try env.int("RINGRIFT_P2P_RETRY_RETIRED_NODE_INTERVAL", default: 3600)
        peerPurgeAfterSeconds = try env.int("RINGRIFT_P2P_PEER_PURGE_AFTER_SECONDS", default: 21600)

        // Trimmed before it is read, so blanks count as unset and an error shows the trimmed text.
        let runaway = "RINGRIFT_RUNAWAY_SELFPLAY_PROCESS_THRESHOLD"
        runawaySelfplayProcessThreshold = try P2PEnvironment([runaway: ArgText.strip(env.text(runaway))])
            .int(runaway, default: 0)
        loadAverageMaxMultiplier = try env.float("RINGRIFT_P2P_LOAD_AVG_MAX_MULT", default: 2)
        spawnRateLimitPerMinute = try env.int("RINGRIFT_P2P_SPAWN_RATE_LIMIT", default: 5)
        coordinatorURL = env.text("RINGRIFT_COORDINATOR_URL")
        agentModeEnabled = env.isOneOf(yes.union(["on"]), "RINGRIFT_P2P_AGENT_MODE", default: "")
        maxDiskUsagePercent = try env.float("RINGRIFT_MAX_DISK_PERCENT", default: 70, empty: .isText)

        let arbiter = env.text("RINGRIFT_ARBITER_URL")
        arbiterURL = arbiter.isEmpty ? coordinatorURL : arbiter
        dynamicVoterEnabled = env.isOneOf(yes, "RINGRIFT_DYNAMIC_VOTERS", default: "1")
        dynamicVoterTarget = try env.int("RINGRIFT_VOTER_TARGET", default: 7)
        dynamicVoterMin = try env.int("RINGRIFT_VOTER_MIN", default: 5)
        voterMinQuorum = try env.int("RINGRIFT_VOTER_MIN_QUORUM", default: 3)
        dynamicVoterMaxQuorum = try env.int("RINGRIFT_VOTER_MAX_QUORUM", default: 3)
        voterHealthThreshold = try env.float("RINGRIFT_VOTER_HEALTH_THRESHOLD", default: 0.7)
        voterPromotionUptime = try env.int("RINGRIFT_VOTER_PROMOTION_UPTIME", default: 300)
        voterDemotionFailures = try env.int("RINGRIFT_VOTER_DEMOTION_FAILURES", default: 5)
        leaderMinResponseRate = try env.float("RINGRIFT_LEADER_MIN_RESPONSE_RATE", default: 0.6)

        gitUpdateCheckInterval = try env.int("RINGRIFT_P2P_GIT_UPDATE_CHECK_INTERVAL", default: 300)
        autoUpdateEnabled = yes.contains(
            ArgText.lower(ArgText.strip(env.text("RINGRIFT_P2P_AUTO_UPDATE", default: "false"))))
    }
}
