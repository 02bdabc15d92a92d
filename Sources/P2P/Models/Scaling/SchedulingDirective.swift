import PythonSemantics

/// What a scheduling decision asks its shell to do, in order; nothing here has happened yet.
package enum SchedulingDirective: Sendable, Equatable {
    /// A line on stdout.
    case print(String)
    /// Throw old rows of the shared utilisation history away; a failure is a line.
    case pruneUtilization
    /// `_cleanup_local_disk`.
    case cleanUpDisk
    /// `_reduce_local_selfplay_jobs`.
    case reduceLocal(to: Int, reason: String)
    /// `_restart_local_stuck_jobs`.
    case restartLocal
    /// `_start_local_job`.
    case startLocal(JobType, SelfplayConfig)
    /// Ask a peer to clean its disk.
    case requestCleanup(NodeInfo)
    /// Ask a peer to stop self-play jobs.
    case requestReduction(NodeInfo, to: Int, reason: String)
    /// Ask a peer to sweep its self-play jobs away.
    case requestRestart(NodeInfo)
    /// Ask a peer to start a job.
    case requestJob(NodeInfo, JobType, SelfplayConfig)
    /// A row of the metrics history.
    case recordMetric(PyString, value: Int, metadata: PyDict)
}

extension SchedulingDirective {
    /// The line, where it is one.
    package var line: String? {
        if case .print(let line) = self { return line }
        return nil
    }
}

/// A board, a number of players and how the moves are found.
package struct SelfplayConfig: Sendable, Equatable {
    /// One player of an uneven game.
    package struct Strength: Sendable, Equatable {
        package let engineMode: PyString
        package let difficulty: Int
    }

    package let boardType: PyString
    package let numPlayers: Int
    package var engineMode: PyString
    /// The two players of an uneven game.
    package var uneven: (strong: Strength, weak: Strength)?
    package var difficultyBand: PyString?

    package init(
        _ boardType: PyString, _ numPlayers: Int, _ engineMode: PyString,
        uneven: (strong: Strength, weak: Strength)? = nil, difficultyBand: PyString? = nil
    ) {
        self.boardType = boardType
        self.numPlayers = numPlayers
        self.engineMode = engineMode
        self.uneven = uneven
        self.difficultyBand = difficultyBand
    }

    /// `square8_2p`.
    package var key: PyString { PyString("\(boardType)_\(numPlayers)p") }

    package static func == (left: SelfplayConfig, right: SelfplayConfig) -> Bool {
        left.boardType == right.boardType && left.numPlayers == right.numPlayers
            && left.engineMode == right.engineMode && left.difficultyBand == right.difficultyBand
            && left.uneven?.strong == right.uneven?.strong && left.uneven?.weak == right.uneven?.weak
    }
}
