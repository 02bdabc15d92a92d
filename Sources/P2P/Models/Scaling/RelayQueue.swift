import PythonSemantics

/// Commands for nodes that nobody can reach, kept until they ask; contract 06 section 8.
package enum RelayQueue {
    /// The call site that draws the identifiers.
    package static let label = "scripts.p2p_orchestrator.P2POrchestrator._enqueue_relay_command"
    private static let name: PyString = "relay_command_queue"

    /// `_enqueue_relay_command`.
    /// - Parameters:
    ///   - id: makes a new identifier of 32 hexadecimal digits.
    /// - Returns: the command's identifier; nil when too many starts wait already.
    package static func enqueue(
        _ type: PyString, _ payload: PyDict, for node: PyValue, _ attributes: inout SchedulingAttributes, now: Double,
        id: () -> String
    ) throws(PyException) -> PyString? {
        var queue: [PyValue] = []
        for command in try (attributes.value(name, node) ?? []).iterated() {
            let expires = try command.get("expires_at", 0.0)
            if try PyNumber.float(expires.isTruthy ? expires : 0.0) > now { queue.append(command) }
        }
        if type == "start_job" {
            let waiting = try starts(queue)
            if waiting >= P2PConstants.relayMaxPendingStartJobs {
                attributes.setValue(name, node, .list(queue))
                return nil
            }
            let job = payload["job_id"] ?? .none
            for command in queue where job.isTruthy {
                guard try jobID(command) == job.pyString else { continue }
                attributes.setValue(name, node, .list(queue))
                let id = try command.get("id")
                return id.isTruthy ? id.pyString : ""
            }
        }
        let made = PyString(id())
        queue.append(
            .dict([
                "id": .string(made), "type": .string(type), "payload": .dict(payload), "created_at": .float(now),
                "expires_at": .float(now + Double(P2PConstants.relayCommandTTLSeconds)),
            ]))
        attributes.setValue(name, node, .list(queue))
        return made
    }

    private static func starts(_ queue: [PyValue]) throws(PyException) -> Int {
        var count = 0
        for command in queue {
            let type = try command.get("type")
            if type.isTruthy, type.pyString == "start_job" { count += 1 }
        }
        return count
    }

    private static func jobID(_ command: PyValue) throws(PyException) -> PyString {
        let id = try command.get("payload", [:]).get("job_id")
        return id.isTruthy ? id.pyString : ""
    }
}
