import Foundation
import P2PModel
import PythonSemantics
import Testing

/// Constants and environment (contract 01 section 2.4, `data/constants.json`, runs of the real program).
@Suite struct P2PConstantsTests {
    private typealias P = P2PConstants

    /// Every constant of the program by its name.
    private static func all(_ c: P2PConstants) -> [String: ArgValue] {
        [
            "SOCKS_PROXY": .string(c.socksProxy), "DEFAULT_PORT": .int(P.defaultPort),
            "HEARTBEAT_INTERVAL": .int(P.heartbeatInterval), "PEER_TIMEOUT": .int(P.peerTimeout),
            "ELECTION_TIMEOUT": .int(P.electionTimeout), "LEADER_LEASE_DURATION": .int(P.leaderLeaseDuration),
            "LEADER_LEASE_RENEW_INTERVAL": .int(P.leaderLeaseRenewInterval),
            "LEADERLESS_TRAINING_TIMEOUT": .int(P.leaderlessTrainingTimeout),
            "JOB_CHECK_INTERVAL": .int(P.jobCheckInterval),
            "DISCOVERY_PORT": .int(P.discoveryPort), "DISCOVERY_INTERVAL": .int(P.discoveryInterval),
            "DISK_CRITICAL_THRESHOLD": .int(c.diskCriticalThreshold),
            "DISK_WARNING_THRESHOLD": .int(c.diskWarningThreshold),
            "DISK_CLEANUP_THRESHOLD": .int(c.diskCleanupThreshold),
            "MEMORY_CRITICAL_THRESHOLD": .int(c.memoryCriticalThreshold),
            "MEMORY_WARNING_THRESHOLD": .int(c.memoryWarningThreshold),
            "MIN_MEMORY_GB_FOR_TASKS": .int(c.minMemoryGBForTasks),
            "LOAD_MAX_FOR_NEW_JOBS": .int(c.loadMaxForNewJobs), "TARGET_GPU_UTIL_MIN": .int(c.targetGPUUtilMin),
            "TARGET_GPU_UTIL_MAX": .int(c.targetGPUUtilMax), "GH200_MIN_SELFPLAY": .int(c.gh200MinSelfplay),
            "GH200_MAX_SELFPLAY": .int(c.gh200MaxSelfplay), "HTTP_CONNECT_TIMEOUT": .int(P.httpConnectTimeout),
            "HTTP_TOTAL_TIMEOUT": .int(P.httpTotalTimeout), "MAX_CONSECUTIVE_FAILURES": .int(P.maxConsecutiveFailures),
            "RETRY_DEAD_NODE_INTERVAL": .int(P.retryDeadNodeInterval),
            "PEER_RETIRE_AFTER_SECONDS": .int(c.peerRetireAfterSeconds),
            "RETRY_RETIRED_NODE_INTERVAL": .int(c.retryRetiredNodeInterval),
            "PEER_PURGE_AFTER_SECONDS": .int(c.peerPurgeAfterSeconds),
            "NAT_INBOUND_HEARTBEAT_STALE_SECONDS": .int(P.natInboundHeartbeatStaleSeconds),
            "RELAY_HEARTBEAT_INTERVAL": .int(P.relayHeartbeatInterval),
            "RELAY_COMMAND_TTL_SECONDS": .int(P.relayCommandTTLSeconds),
            "RELAY_COMMAND_MAX_BATCH": .int(P.relayCommandMaxBatch),
            "RELAY_COMMAND_MAX_ATTEMPTS": .int(P.relayCommandMaxAttempts),
            "RELAY_MAX_PENDING_START_JOBS": .int(P.relayMaxPendingStartJobs),
            "NAT_BLOCKED_RECOVERY_TIMEOUT": .int(P.natBlockedRecoveryTimeout),
            "NAT_BLOCKED_PROBE_INTERVAL": .int(P.natBlockedProbeInterval),
            "NAT_BLOCKED_PROBE_TIMEOUT": .int(P.natBlockedProbeTimeout),
            "VOTER_HEARTBEAT_INTERVAL": .int(P.voterHeartbeatInterval),
            "VOTER_HEARTBEAT_TIMEOUT": .int(P.voterHeartbeatTimeout),
            "VOTER_MESH_REFRESH_INTERVAL": .int(P.voterMeshRefreshInterval),
            "VOTER_NAT_RECOVERY_AGGRESSIVE": .bool(P.voterNATRecoveryAggressive),
            "NAT_STUN_LIKE_PROBE_INTERVAL": .int(P.natStunLikeProbeInterval),
            "NAT_SYMMETRIC_DETECTION_ENABLED": .bool(P.natSymmetricDetectionEnabled),
            "NAT_RELAY_PREFERENCE_THRESHOLD": .int(P.natRelayPreferenceThreshold),
            "NAT_HOLE_PUNCH_RETRY_COUNT": .int(P.natHolePunchRetryCount),
            "NAT_EXTERNAL_IP_CACHE_TTL": .int(P.natExternalIPCacheTTL),
            "PEER_BOOTSTRAP_INTERVAL": .int(P.peerBootstrapInterval),
            "PEER_BOOTSTRAP_MIN_PEERS": .int(P.peerBootstrapMinPeers),
            "GPU_IDLE_RESTART_TIMEOUT": .int(P.gpuIdleRestartTimeout),
            "GPU_IDLE_THRESHOLD": .int(P.gpuIdleThreshold),
            "RUNAWAY_SELFPLAY_PROCESS_THRESHOLD": .int(c.runawaySelfplayProcessThreshold),
            "LOAD_AVERAGE_MAX_MULTIPLIER": .float(c.loadAverageMaxMultiplier),
            "SPAWN_RATE_LIMIT_PER_MINUTE": .int(c.spawnRateLimitPerMinute),
            "COORDINATOR_URL": .string(c.coordinatorURL),
            "AGENT_MODE_ENABLED": .bool(c.agentModeEnabled), "MAX_DISK_USAGE_PERCENT": .float(c.maxDiskUsagePercent),
            "ARBITER_URL": .string(c.arbiterURL), "DYNAMIC_VOTER_ENABLED": .bool(c.dynamicVoterEnabled),
            "DYNAMIC_VOTER_TARGET": .int(c.dynamicVoterTarget), "DYNAMIC_VOTER_MIN": .int(c.dynamicVoterMin),
            "VOTER_MIN_QUORUM": .int(c.voterMinQuorum), "DYNAMIC_VOTER_MAX_QUORUM": .int(c.dynamicVoterMaxQuorum),
            "VOTER_HEALTH_THRESHOLD": .float(c.voterHealthThreshold),
            "VOTER_PROMOTION_UPTIME": .int(c.voterPromotionUptime),
            "VOTER_DEMOTION_FAILURES": .int(c.voterDemotionFailures),
            "LEADER_HEALTH_CHECK_INTERVAL": .int(P.leaderHealthCheckInterval),
            "LEADER_MIN_RESPONSE_RATE": .float(c.leaderMinResponseRate),
            "LEADER_DEGRADED_STEPDOWN_DELAY": .int(P.leaderDegradedStepdownDelay),
            "GIT_UPDATE_CHECK_INTERVAL": .int(c.gitUpdateCheckInterval), "GIT_REMOTE_NAME": .string(P.gitRemoteName),
            "GIT_BRANCH_NAME": .string(P.gitBranchName), "AUTO_UPDATE_ENABLED": .bool(c.autoUpdateEnabled),
            "GRACEFUL_SHUTDOWN_BEFORE_UPDATE": .bool(P.gracefulShutdownBeforeUpdate),
            "AUTH_TOKEN_ENV": .string(P.authTokenEnv),
            "AUTH_TOKEN_FILE_ENV": .string(P.authTokenFileEnv), "BUILD_VERSION_ENV": .string(P.buildVersionEnv),
            "ADVERTISE_HOST_ENV": .string(P.advertiseHostEnv), "ADVERTISE_PORT_ENV": .string(P.advertisePortEnv),
            "MANIFEST_JSONL_LINECOUNT_MAX_BYTES": .int(P.manifestJSONLLinecountMaxBytes),
            "MANIFEST_JSONL_LINECOUNT_CHUNK_BYTES": .int(P.manifestJSONLLinecountChunkBytes),
            "MANIFEST_JSONL_SAMPLE_BYTES": .int(P.manifestJSONLSampleBytes),
            "STARTUP_JSONL_GRACE_PERIOD_SECONDS": .int(P.startupJSONLGracePeriodSeconds),
            "DATA_MANAGEMENT_INTERVAL": .int(P.dataManagementInterval),
            "DB_EXPORT_THRESHOLD_MB": .int(P.dbExportThresholdMB),
            "TRAINING_DATA_SYNC_THRESHOLD_MB": .int(P.trainingDataSyncThresholdMB),
            "MAX_CONCURRENT_EXPORTS": .int(P.maxConcurrentExports),
            "AUTO_TRAINING_THRESHOLD_MB": .int(P.autoTrainingThresholdMB),
            "TRAINING_NODE_COUNT": .int(P.trainingNodeCount),
            "TRAINING_SYNC_INTERVAL": .float(P.trainingSyncInterval),
            "MODEL_SYNC_INTERVAL": .float(P.modelSyncInterval),
            "MIN_GAMES_FOR_SYNC": .int(P.minGamesForSync), "P2P_DATA_SYNC_BASE": .int(P.p2pDataSyncBase),
            "P2P_DATA_SYNC_MIN": .int(P.p2pDataSyncMin), "P2P_DATA_SYNC_MAX": .int(P.p2pDataSyncMax),
            "P2P_MODEL_SYNC_BASE": .int(P.p2pModelSyncBase), "P2P_MODEL_SYNC_MIN": .int(P.p2pModelSyncMin),
            "P2P_MODEL_SYNC_MAX": .int(P.p2pModelSyncMax), "P2P_TRAINING_DB_SYNC_BASE": .int(P.p2pTrainingDBSyncBase),
            "P2P_TRAINING_DB_SYNC_MIN": .int(P.p2pTrainingDBSyncMin),
            "P2P_TRAINING_DB_SYNC_MAX": .int(P.p2pTrainingDBSyncMax),
            "P2P_SYNC_BACKOFF_FACTOR": .float(P.p2pSyncBackoffFactor),
            "P2P_SYNC_SPEEDUP_FACTOR": .float(P.p2pSyncSpeedupFactor),
        ]
    }

    /// `"p2p_orchestrator.NAME": value` lines of `constants.json`; its layout tells 300 and 300.0 apart, a JSON parser does not.
    @Test func valuesOfTheContract() throws {
        let text = try P2POptionsTests.contract("constants.json")
        var expected: [String: String] = [:]
        for match in text.matches(of: /"p2p_orchestrator\.(\w+)": ([^\{\n]+?),?\n/) {
            expected[String(match.1)] = String(match.2)
        }
        let ours = Self.all(try P2PConstants(environment: [:])).mapValues { value -> String in
            switch value {
            case .string(let text): "\"\(text)\""
            case .bool(let flag): flag ? "true" : "false"
            default: value.pyStr
            }
        }
        #expect(expected.count > 90)
        #expect(ours == expected)
    }

    @Test func gpuPowerRankings() throws {
        let text = try P2POptionsTests.contract("constants.json")
        let table = try #require(text.firstMatch(of: /"p2p_orchestrator\.GPU_POWER_RANKINGS": \{([^}]*)\}/)).1
        let rows = table.matches(of: /"([^"]+)": (\d+)/).map { "\($0.1) \($0.2)" }
        #expect(P2PConstants.gpuPowerRankings.map { "\($0.name) \($0.power)" } == rows)
    }

    /// One variable and the name and value of the constant that it decides.
    @Test(arguments: [
        ("RINGRIFT_P2P_DISK_CRITICAL_THRESHOLD", "99", "DISK_CRITICAL_THRESHOLD", "99"),
        ("RINGRIFT_P2P_DISK_CRITICAL_THRESHOLD", "", "DISK_CRITICAL_THRESHOLD", "70"),
        ("RINGRIFT_P2P_DISK_WARNING_THRESHOLD", " +9_8\n", "DISK_WARNING_THRESHOLD", "98"),
        ("RINGRIFT_P2P_DISK_CLEANUP_THRESHOLD", "-3", "DISK_CLEANUP_THRESHOLD", "-3"),
        ("RINGRIFT_P2P_MEMORY_CRITICAL_THRESHOLD", "95", "MEMORY_CRITICAL_THRESHOLD", "80"),
        ("RINGRIFT_P2P_MEMORY_CRITICAL_THRESHOLD", "5", "MEMORY_CRITICAL_THRESHOLD", "5"),
        ("RINGRIFT_P2P_MEMORY_WARNING_THRESHOLD", "95", "MEMORY_WARNING_THRESHOLD", "75"),
        ("RINGRIFT_P2P_MIN_MEMORY_GB", "0", "MIN_MEMORY_GB_FOR_TASKS", "0"),
        ("RINGRIFT_P2P_LOAD_MAX_FOR_NEW_JOBS", "81", "LOAD_MAX_FOR_NEW_JOBS", "80"),
        ("RINGRIFT_P2P_TARGET_GPU_UTIL_MIN", "abc", "TARGET_GPU_UTIL_MIN", "60"),
        ("RINGRIFT_P2P_TARGET_GPU_UTIL_MAX", "1", "TARGET_GPU_UTIL_MAX", "80"),
        ("RINGRIFT_P2P_GH200_MIN_SELFPLAY", "1", "GH200_MIN_SELFPLAY", "1"),
        ("RINGRIFT_P2P_GH200_MAX_SELFPLAY", "2", "GH200_MAX_SELFPLAY", "2"),
        ("RINGRIFT_P2P_PEER_RETIRE_AFTER_SECONDS", "3", "PEER_RETIRE_AFTER_SECONDS", "3"),
        ("RINGRIFT_P2P_RETRY_RETIRED_NODE_INTERVAL", "4", "RETRY_RETIRED_NODE_INTERVAL", "4"),
        ("RINGRIFT_P2P_PEER_PURGE_AFTER_SECONDS", "5", "PEER_PURGE_AFTER_SECONDS", "5"),
        ("RINGRIFT_RUNAWAY_SELFPLAY_PROCESS_THRESHOLD", " 6 ", "RUNAWAY_SELFPLAY_PROCESS_THRESHOLD", "6"),
        ("RINGRIFT_RUNAWAY_SELFPLAY_PROCESS_THRESHOLD", "  ", "RUNAWAY_SELFPLAY_PROCESS_THRESHOLD", "0"),
        ("RINGRIFT_P2P_LOAD_AVG_MAX_MULT", "nan", "LOAD_AVERAGE_MAX_MULTIPLIER", "nan"),
        ("RINGRIFT_P2P_LOAD_AVG_MAX_MULT", "", "LOAD_AVERAGE_MAX_MULTIPLIER", "2.0"),
        ("RINGRIFT_P2P_SPAWN_RATE_LIMIT", "7", "SPAWN_RATE_LIMIT_PER_MINUTE", "7"),
        ("RINGRIFT_COORDINATOR_URL", "http://c", "COORDINATOR_URL", "http://c"),
        ("RINGRIFT_COORDINATOR_URL", "http://c", "ARBITER_URL", "http://c"),
        ("RINGRIFT_ARBITER_URL", "http://a", "ARBITER_URL", "http://a"),
        ("RINGRIFT_P2P_AGENT_MODE", "ON", "AGENT_MODE_ENABLED", "True"),
        ("RINGRIFT_P2P_AGENT_MODE", " on", "AGENT_MODE_ENABLED", "False"),
        ("RINGRIFT_MAX_DISK_PERCENT", "1e2", "MAX_DISK_USAGE_PERCENT", "100.0"),
        ("RINGRIFT_DYNAMIC_VOTERS", "", "DYNAMIC_VOTER_ENABLED", "False"),
        ("RINGRIFT_DYNAMIC_VOTERS", "Yes", "DYNAMIC_VOTER_ENABLED", "True"),
        ("RINGRIFT_DYNAMIC_VOTERS", "on", "DYNAMIC_VOTER_ENABLED", "False"),
        ("RINGRIFT_VOTER_TARGET", " ٣\u{a0}", "DYNAMIC_VOTER_TARGET", "3"),
        ("RINGRIFT_VOTER_MIN", "8", "DYNAMIC_VOTER_MIN", "8"),
        ("RINGRIFT_VOTER_MIN_QUORUM", "9", "VOTER_MIN_QUORUM", "9"),
        ("RINGRIFT_VOTER_MAX_QUORUM", "10", "DYNAMIC_VOTER_MAX_QUORUM", "10"),
        ("RINGRIFT_VOTER_HEALTH_THRESHOLD", ".5", "VOTER_HEALTH_THRESHOLD", "0.5"),
        ("RINGRIFT_VOTER_PROMOTION_UPTIME", "11", "VOTER_PROMOTION_UPTIME", "11"),
        ("RINGRIFT_VOTER_DEMOTION_FAILURES", "12", "VOTER_DEMOTION_FAILURES", "12"),
        ("RINGRIFT_LEADER_MIN_RESPONSE_RATE", "inf", "LEADER_MIN_RESPONSE_RATE", "inf"),
        ("RINGRIFT_P2P_GIT_UPDATE_CHECK_INTERVAL", "13", "GIT_UPDATE_CHECK_INTERVAL", "13"),
        ("RINGRIFT_P2P_AUTO_UPDATE", " TRUE ", "AUTO_UPDATE_ENABLED", "True"),
        ("RINGRIFT_P2P_AUTO_UPDATE", "on", "AUTO_UPDATE_ENABLED", "False"),
        ("RINGRIFT_SOCKS_PROXY", "socks5://x", "SOCKS_PROXY", "socks5://x"),
    ])
    func environment(_ variable: String, _ text: String, _ name: String, _ value: String) throws {
        let constants = Self.all(try P2PConstants(environment: [variable: text]))
        #expect(constants[name]?.pyStr == value)
    }

    /// An environment and the last line that the real program printed, also for `--help`.
    @Test(arguments: [
        (["RINGRIFT_P2P_DISK_CRITICAL_THRESHOLD": "abc"], "ValueError: invalid literal for int() with base 10: 'abc'"),
        (["RINGRIFT_P2P_DISK_CRITICAL_THRESHOLD": " "], "ValueError: invalid literal for int() with base 10: ' '"),
        (["RINGRIFT_VOTER_TARGET": "1__0"], "ValueError: invalid literal for int() with base 10: '1__0'"),
        (["RINGRIFT_VOTER_TARGET": "é"], "ValueError: invalid literal for int() with base 10: 'é'"),
        (
            ["RINGRIFT_RUNAWAY_SELFPLAY_PROCESS_THRESHOLD": " x "],
            "ValueError: invalid literal for int() with base 10: 'x'"
        ),
        (["RINGRIFT_MAX_DISK_PERCENT": ""], "ValueError: could not convert string to float: ''"),
        (["RINGRIFT_VOTER_HEALTH_THRESHOLD": "q"], "ValueError: could not convert string to float: 'q'"),
        (
            ["RINGRIFT_P2P_DISK_CRITICAL_THRESHOLD": "first", "RINGRIFT_VOTER_TARGET": "second"],
            "ValueError: invalid literal for int() with base 10: 'first'"
        ),
        (
            ["RINGRIFT_P2P_DISK_CRITICAL_THRESHOLD": "x", "RINGRIFT_MAX_DISK_PERCENT": "later"],
            "ValueError: could not convert string to float: 'later'"
        ),
        (["RINGRIFT_TRAINING_THRESHOLD": "abc"], "ValueError: invalid literal for int() with base 10: 'abc'"),
        (["RINGRIFT_MIN_GAMES_FOR_TRAINING": ""], "ValueError: invalid literal for int() with base 10: ''"),
        (["RINGRIFT_MAX_LOAD_FACTOR": ""], "ValueError: could not convert string to float: ''"),
        (["RINGRIFT_P2P_PORT": "q"], "ValueError: invalid literal for int() with base 10: 'q'"),
    ])
    func badEnvironment(_ environment: [String: String], _ line: String) {
        do {
            _ = try P2PConstants(environment: environment)
            Issue.record("accepted")
        } catch {
            #expect(error.finalLine == line)
            #expect(error.traceback == "Traceback (most recent call last):\n\(line)\n")
        }
    }

    /// With every numeric variable bad, the real program names them in this order as they are repaired one by one.
    @Test func orderOfReading() {
        var environment: [String: String] = [:]
        for name in Self.readingOrder { environment[name] = "zz-" + name }
        for name in Self.readingOrder {
            do {
                _ = try P2PConstants(environment: environment)
                Issue.record("accepted before \(name)")
            } catch {
                #expect(error.finalLine.hasSuffix(": 'zz-\(name)'"))
            }
            environment[name] = "1"
        }
        #expect(throws: Never.self) { try P2PConstants(environment: environment) }
    }

    private static let readingOrder = [
        "RINGRIFT_MAX_LOAD_FACTOR", "RINGRIFT_MAX_LOAD_ABSOLUTE", "RINGRIFT_LOAD_BACKOFF_SECONDS", "RINGRIFT_PID_KP",
        "RINGRIFT_PID_KI", "RINGRIFT_PID_KD", "RINGRIFT_MAX_DISK_PERCENT", "RINGRIFT_P2P_PORT",
        "RINGRIFT_TRAINING_THRESHOLD", "RINGRIFT_MIN_GAMES_FOR_TRAINING", "RINGRIFT_AB_TEST_GAMES",
        "RINGRIFT_AB_TEST_CONFIDENCE", "RINGRIFT_MAX_SHORT_GAME_RATE", "RINGRIFT_MAX_DATA_ISSUES",
        "RINGRIFT_MIN_OPENING_DIVERSITY", "RINGRIFT_CURRICULUM_TARGET_WINRATE", "RINGRIFT_CURRICULUM_MIN_GAMES",
        "RINGRIFT_CURRICULUM_BOOST", "RINGRIFT_ENSEMBLE_TOP_N", "RINGRIFT_ENSEMBLE_MIN_MODELS",
        "RINGRIFT_ENSEMBLE_INTERVAL", "RINGRIFT_HYPERPARAM_INTERVAL", "RINGRIFT_ELO_PLATEAU_HOURS",
        "RINGRIFT_REBALANCE_HOURS", "RINGRIFT_MAX_LOSS_SPIKE", "RINGRIFT_MIN_CHECKPOINT_ACCURACY",
        "RINGRIFT_REGRESSION_POSITIONS", "RINGRIFT_MAX_REGRESSION", "RINGRIFT_P2P_DISK_CRITICAL_THRESHOLD",
        "RINGRIFT_P2P_DISK_WARNING_THRESHOLD", "RINGRIFT_P2P_DISK_CLEANUP_THRESHOLD",
        "RINGRIFT_P2P_MEMORY_CRITICAL_THRESHOLD", "RINGRIFT_P2P_MEMORY_WARNING_THRESHOLD",
        "RINGRIFT_P2P_MIN_MEMORY_GB", "RINGRIFT_P2P_LOAD_MAX_FOR_NEW_JOBS", "RINGRIFT_P2P_GH200_MIN_SELFPLAY",
        "RINGRIFT_P2P_GH200_MAX_SELFPLAY", "RINGRIFT_P2P_PEER_RETIRE_AFTER_SECONDS",
        "RINGRIFT_P2P_RETRY_RETIRED_NODE_INTERVAL", "RINGRIFT_P2P_PEER_PURGE_AFTER_SECONDS",
        "RINGRIFT_RUNAWAY_SELFPLAY_PROCESS_THRESHOLD", "RINGRIFT_P2P_LOAD_AVG_MAX_MULT",
        "RINGRIFT_P2P_SPAWN_RATE_LIMIT", "RINGRIFT_VOTER_TARGET", "RINGRIFT_VOTER_MIN", "RINGRIFT_VOTER_MIN_QUORUM",
        "RINGRIFT_VOTER_MAX_QUORUM", "RINGRIFT_VOTER_HEALTH_THRESHOLD", "RINGRIFT_VOTER_PROMOTION_UPTIME",
        "RINGRIFT_VOTER_DEMOTION_FAILURES", "RINGRIFT_LEADER_MIN_RESPONSE_RATE",
        "RINGRIFT_P2P_GIT_UPDATE_CHECK_INTERVAL",
    ]
}
