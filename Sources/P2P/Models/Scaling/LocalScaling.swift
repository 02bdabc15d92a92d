import PythonSemantics

/// What a node decides about its own jobs, every round and without a leader; contract 06 section 4.16.
package enum LocalScaling {
    // MARK: stuck jobs

    /// What the look for stuck jobs needs to have done.
    package enum StuckJobs: Sendable, Equatable {
        /// Looked at less than five minutes ago.
        case notDue
        /// Nothing is stuck; count the processes.
        case fine
        /// Kill the processes, then count them.
        case kill(line: String)
    }

    package static let killing = ["pkill", "-9", "-f", "gpu_selfplay"]
    package static let counting = ["pgrep", "-fc", "selfplay|gpu_selfplay"]
    private static let lastActive: PyString = "_local_last_gpu_active"

    /// `_check_local_stuck_jobs` up to the kill.
    package static func stuckJobs(
        _ node: NodeInfo, _ attributes: inout SchedulingAttributes, now: Double
    ) throws(PyException) -> StuckJobs {
        guard attributes.isDue("_last_local_stuck_check", every: 300, now: now) else { return .notDue }
        let percent = try node.number(.gpuPercent)
        let jobs = try node.integer(.selfplayJobs)
        guard node[.hasGPU].isTruthy else { return .fine }
        if jobs > 0, percent < 5 {
            let active = attributes.number(lastActive)
            if active == 0 {
                attributes.set(lastActive, now)
            } else if now - active > 900 {
                return .kill(
                    line: "[P2P] LOCAL STUCK: \(jobs) selfplay jobs but \(PyNumber.fixed(percent, 0))% GPU for "
                        + "\(Int((now - active) / 60))min")
            }
        } else if percent >= 5 {
            attributes.set(lastActive, now)
        }
        return .fine
    }

    /// After a successful kill: the jobs that are forgotten, so that they are started again.
    package static func killed(
        _ jobs: inout JobTable, _ attributes: inout SchedulingAttributes, now: Double
    ) {
        for entry in jobs.entries where entry.record.jobType == .gpuSelfplay { jobs.remove(entry.key) }
        attributes.set(lastActive, now)
    }

    /// The line about processes that nobody tracks, once an hour at most.
    package static func orphans(
        processes: Int, tracked: Int, _ attributes: inout SchedulingAttributes, now: Double
    ) -> String? {
        guard processes > tracked + 10, now - attributes.number("_last_orphan_kill") > 3600 else { return nil }
        attributes.set("_last_orphan_kill", now)
        return "[P2P] LOCAL: Orphan detection: \(processes) processes vs \(tracked) tracked"
    }

    // MARK: resources

    /// `_local_resource_cleanup`, once it is due.
    package static func cleanup(
        _ node: NodeInfo, _ constants: P2PConstants
    ) throws(PyException) -> [SchedulingDirective] {
        var directives: [SchedulingDirective] = []
        if try node.isAtLeast(.diskPercent, constants.diskCleanupThreshold) {
            directives.append(.print("[P2P] LOCAL: Disk at \(try node.rounded(.diskPercent))% - triggering cleanup"))
            directives.append(.cleanUpDisk)
        }
        if try node.isAtLeast(.memoryPercent, constants.memoryCriticalThreshold) {
            directives.append(.print("[P2P] LOCAL: Memory CRITICAL at \(try node.rounded(.memoryPercent))%"))
            directives.append(.reduceLocal(to: 0, reason: "memory_critical"))
        } else if try node.isAtLeast(.memoryPercent, constants.memoryWarningThreshold) {
            let target = max(1, try floorHalf(node.integer(.selfplayJobs)))
            directives.append(
                .print(
                    "[P2P] LOCAL: Memory warning at \(try node.rounded(.memoryPercent))% - reducing jobs to \(target)"))
            directives.append(.reduceLocal(to: target, reason: "memory_warning"))
        }
        return directives
    }

    private static func floorHalf(_ number: Int) -> Int { number >> 1 }

    // MARK: number of jobs

    /// Whether a node manages its own jobs: not a leader, and not while one was seen within a minute.
    package static func managesItself(
        role: NodeRole, leaderID: PyValue, lastLeaderSeen: Double, now: Double
    ) -> Bool {
        if role == .leader { return false }
        return !leaderID.isTruthy || now - lastLeaderSeen >= 60
    }

    /// What `_manage_local_jobs_decentralized` does after its look at the machine.
    package enum JobPlan: Sendable, Equatable {
        /// Too little room: these, and no more.
        case hold([SchedulingDirective])
        /// These first, then so many starts.
        case start([SchedulingDirective], count: Int)
        /// These, which count as so many changes.
        case reduce([SchedulingDirective], changes: Int)
        /// Nothing but these lines.
        case keep([SchedulingDirective])
    }

    package static func jobPlan(
        _ node: NodeInfo, _ target: inout SelfplayTarget, _ conditions: ProductionConditions, now: Double
    ) throws(PyException) -> JobPlan {
        let constants = target.constants
        if try node.isAtLeast(.diskPercent, constants.diskWarningThreshold) {
            return .hold([
                .print("[P2P] LOCAL: Disk at \(try node.rounded(.diskPercent))% - skipping job starts"), .cleanUpDisk,
            ])
        }
        if try node.isAtLeast(.memoryPercent, constants.memoryWarningThreshold) {
            return .hold([
                .print("[P2P] LOCAL: Memory at \(try node.rounded(.memoryPercent))% - skipping job starts")
            ])
        }
        var directives: [SchedulingDirective] = []
        let wanted = try target.jobs(for: node, conditions, now: now, &directives)
        let jobs = try node.integer(.selfplayJobs)
        if jobs < wanted {
            let count = min(wanted - jobs, 3)
            directives.append(.print("[P2P] LOCAL: Starting \(count) selfplay job(s) (\(jobs)/\(wanted))"))
            return .start(directives, count: count)
        }
        if jobs > wanted * 2 {
            let excess = jobs - wanted
            directives.append(.print("[P2P] LOCAL: Reducing selfplay jobs by \(excess) (\(jobs)/\(wanted))"))
            directives.append(.reduceLocal(to: wanted, reason: "over_target"))
            return .reduce(directives, changes: excess)
        }
        return .keep(directives)
    }

    // MARK: GPU

    private static let idleSince: PyString = "_local_gpu_idle_since"

    /// `_local_gpu_auto_scale`: the starts that are due, with their line; nil: none.
    ///
    /// After them ``gpuScaled(_:now:)`` is due.
    package static func gpuStarts(
        _ node: NodeInfo, hasLeader: Bool, _ attributes: inout SchedulingAttributes, now: Double
    ) throws(PyException) -> (line: String, count: Int)? {
        guard attributes.isDue("_last_local_gpu_scale", every: 120, now: now), node[.hasGPU].isTruthy,
            try node.integer(.trainingJobs) <= 0
        else { return nil }
        let percent = try node.number(.gpuPercent)
        _ = try node.integer(.selfplayJobs)
        let name = try node.lowerText(.gpuName)
        guard percent < GPUHeadroom.minimum else {
            attributes.clear(idleSince)
            return nil
        }
        let since = attributes.number(idleSince)
        if since == 0 {
            attributes.set(idleSince, now)
            return nil
        }
        guard now - since > (hasLeader ? 120 : 60) else { return nil }
        let count = GPUHeadroom.jobs(percent: percent, name: name, most: hasLeader ? 1 : 3)
        return (
            "[P2P] LOCAL: \(PyNumber.fixed(percent, 0))% GPU util, starting \(count) diverse/hybrid selfplay job(s)",
            count
        )
    }

    /// - Parameter now: when the step began.
    package static func gpuScaled(_ attributes: inout SchedulingAttributes, now: Double) {
        attributes.set(idleSince, now)
    }
}
