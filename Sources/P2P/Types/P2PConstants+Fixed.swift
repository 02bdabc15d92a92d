/// What no environment changes.
extension P2PConstants {
    // MARK: Node
    package static let defaultPort = 8770
    package static let heartbeatInterval = 30
    /// A peer unheard of for longer is not alive.
    package static let peerTimeout = 90
    /// Per request during an election; twice that is waited after an ALIVE.
    package static let electionTimeout = 10
    package static let leaderLeaseDuration = 180
    package static let leaderLeaseRenewInterval = 15
    package static let leaderlessTrainingTimeout = 180
    package static let jobCheckInterval = 60
    /// UDP.
    package static let discoveryPort = 8771
    package static let discoveryInterval = 120
    package static let httpConnectTimeout = 10
    package static let httpTotalTimeout = 30
    package static let maxConsecutiveFailures = 3
    package static let retryDeadNodeInterval = 300

    // MARK: Relay and NAT
    package static let natInboundHeartbeatStaleSeconds = 180
    package static let relayHeartbeatInterval = 15
    package static let relayCommandTTLSeconds = 1800
    package static let relayCommandMaxBatch = 16
    package static let relayCommandMaxAttempts = 3
    package static let relayMaxPendingStartJobs = 4
    package static let natBlockedRecoveryTimeout = 300
    package static let natBlockedProbeInterval = 60
    package static let natBlockedProbeTimeout = 5
    package static let natStunLikeProbeInterval = 120
    package static let natSymmetricDetectionEnabled = true
    package static let natRelayPreferenceThreshold = 3
    package static let natHolePunchRetryCount = 3
    package static let natExternalIPCacheTTL = 300

    // MARK: Voters, leader, peers
    package static let voterHeartbeatInterval = 10
    package static let voterHeartbeatTimeout = 5
    package static let voterMeshRefreshInterval = 30
    package static let voterNATRecoveryAggressive = true
    package static let leaderHealthCheckInterval = 30
    package static let leaderDegradedStepdownDelay = 60
    package static let peerBootstrapInterval = 60
    package static let peerBootstrapMinPeers = 3

    // MARK: GPU
    package static let gpuIdleRestartTimeout = 300
    package static let gpuIdleThreshold = 2
    /// Relative training power by part of the GPU's name; the first part found decides, so the order counts.
    package static let gpuPowerRankings: [(name: String, power: Int)] = [
        ("H100", 2000), ("H200", 2500), ("A100", 624), ("A10G", 250), ("A10", 250), ("L40", 362), ("V100", 125),
        ("5090", 419), ("5080", 300), ("5070", 200),
        ("4090", 330), ("4080", 242), ("4070", 184), ("4060", 120),
        ("3090", 142), ("3080", 119), ("3070", 81), ("3060", 51),
        ("Apple M3", 30), ("Apple M2", 25), ("Apple M1", 20), ("Apple MPS", 15),
        ("Unknown", 10),
    ]

    // MARK: Update
    package static let gitRemoteName = "origin"
    package static let gitBranchName = "main"
    package static let gracefulShutdownBeforeUpdate = true

    // MARK: Names of environment variables
    package static let authTokenEnv = "RINGRIFT_CLUSTER_AUTH_TOKEN"
    package static let authTokenFileEnv = "RINGRIFT_CLUSTER_AUTH_TOKEN_FILE"
    package static let buildVersionEnv = "RINGRIFT_BUILD_VERSION"
    package static let advertiseHostEnv = "RINGRIFT_ADVERTISE_HOST"
    package static let advertisePortEnv = "RINGRIFT_ADVERTISE_PORT"

    /// Address block of the Tailscale network.
    package static let tailscaleNetwork = "100.64.0.0/10"

    // MARK: Data
    package static let manifestJSONLLinecountMaxBytes = 52_428_800
    package static let manifestJSONLLinecountChunkBytes = 1_048_576
    package static let manifestJSONLSampleBytes = 262_144
    package static let startupJSONLGracePeriodSeconds = 120
    package static let dataManagementInterval = 300
    package static let dbExportThresholdMB = 100
    package static let trainingDataSyncThresholdMB = 10
    package static let maxConcurrentExports = 2
    package static let autoTrainingThresholdMB = 50

    // MARK: Sync
    package static let trainingNodeCount = 3
    package static let trainingSyncInterval = 300.0
    package static let modelSyncInterval = 300.0
    package static let minGamesForSync = 100
    package static let p2pDataSyncBase = 300
    package static let p2pDataSyncMin = 120
    package static let p2pDataSyncMax = 600
    package static let p2pModelSyncBase = 180
    package static let p2pModelSyncMin = 60
    package static let p2pModelSyncMax = 300
    package static let p2pTrainingDBSyncBase = 600
    package static let p2pTrainingDBSyncMin = 300
    package static let p2pTrainingDBSyncMax = 900
    package static let p2pSyncBackoffFactor = 1.5
    package static let p2pSyncSpeedupFactor = 0.8

    /// Where the node keeps its state: beside the program, not under `--ringrift-path`.
    /// - Parameter scriptDirectory: the directory of the program, `<ai-service>/scripts`.
    package static func stateDirectory(scriptDirectory: String) -> String {
        scriptDirectory + "/../logs/p2p_orchestrator"
    }
}
