import PythonSemantics

/// The leader's look for jobs that do nothing; contract 06 section 4.17.
package enum StuckJobs {
    private static let lastActive: PyString = "_last_gpu_active_time"

    /// `_check_and_kill_stuck_jobs`.
    ///
    /// - Parameter training: the training jobs in order, in the exchange's form.
    /// - Throws: for a training job that has run for ten minutes, because the legacy reads an attribute that there is
    ///   not (contract 06 section 10.1): the round ends there.
    /// - Returns: the lines.
    package static func check(
        training: [PyValue], _ peers: inout PeerTable, now: Double, constants: P2PConstants
    ) throws(PyException) -> [String] {
        for job in training {
            guard let status = job["status"], status.equals("running") else { continue }
            let started = job["started_at"].flatMap { $0.isTruthy ? $0 : nil } ?? 0
            let progress = job["last_progress_time"].flatMap { $0.isTruthy ? $0 : nil } ?? started
            if try PyNumber.isGreater(PyNumber.sub(.float(now), progress), 600),
                try PyNumber.isGreater(PyNumber.sub(.float(now), started), 600)
            {
                throw .noAttribute("target_node", typeName: "TrainingJob")
            }
        }
        var lines: [String] = []
        for entry in peers.entries {
            let peer = entry.record
            guard try peer.isAlive(now: now, constants: constants) else { continue }
            let percent = try peer.number(.gpuPercent)
            let jobs = try peer.integer(.selfplayJobs)
            guard peer[.hasGPU].isTruthy else { continue }
            if jobs > 0, percent == 0 {
                let active = peer.attachments?[lastActive]?.asDouble ?? 0
                if active == 0 {
                    peers.modify(entry.key) { $0.attach(lastActive, .float(now)) }
                } else if now - active > 900 {
                    lines.append(
                        "[P2P] STUCK DETECTED: \(peer.shownID) has \(jobs) jobs but 0% GPU for "
                            + "\(Int((now - active) / 60))min")
                }
            } else if percent > 5 {
                peers.modify(entry.key) { $0.attach(lastActive, .float(now)) }
            }
        }
        return lines
    }
}

extension NodeInfo {
    fileprivate mutating func attach(_ name: PyString, _ value: PyValue) {
        var all = attachments ?? [:]
        all[name] = value
        attachments = all
    }
}
