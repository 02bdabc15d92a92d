import PythonSemantics

/// Which jobs go when there are too many (contract 06 sections 4.9 and 4.10).
package enum JobReduction {
    package static func isSelfplay(_ type: JobType) -> Bool {
        [.selfplay, .gpuSelfplay, .hybridSelfplay, .cpuSelfplay].contains(type)
    }

    /// The running self-play jobs, youngest first: as many as the target says stay, the oldest go.
    ///
    /// - Throws: what `float(started_at)` raises.
    package static func excess(_ jobs: JobTable, target: Int) throws(PyException) -> [OrderedTable<ClusterJob>.Entry] {
        var running: [(time: Double, entry: OrderedTable<ClusterJob>.Entry)] = []
        for entry in self.running(jobs) {
            let started = entry.record.startedAt
            running.append((started.isTruthy ? try PyNumber.float(started) : 0, entry))
        }
        let youngestFirst = running.enumerated().sorted { left, right in
            left.element.time == right.element.time
                ? left.offset < right.offset : left.element.time > right.element.time
        }
        return youngestFirst.dropFirst(target).map(\.element.entry)
    }

    package static func running(_ jobs: JobTable) -> [OrderedTable<ClusterJob>.Entry] {
        jobs.entries.filter { $0.record.status.equals("running") && isSelfplay($0.record.jobType) }
    }

    /// What a restart sweep clears: self-play jobs in any state.
    package static func cleared(_ jobs: JobTable) -> [OrderedTable<ClusterJob>.Entry] {
        jobs.entries.filter { isSelfplay($0.record.jobType) }
    }

    /// The answer of a reduction.
    package static func result(before: Int, after: Int, target: Int, reason: PyValue) -> PyDict {
        [
            "running_before": .int(before), "running_after": .int(after), "stopped": .int(max(0, before - after)),
            "target": .int(target), "reason": reason,
        ]
    }
}
