import Cutover
import HTTPService
import PythonSemantics

/// A served answer that is to be compared, with the state right after it.
struct ShadowSample: Sendable {
    var subsystem: Subsystem
    var route: String
    var request: ServiceRequest
    var old: ShadowObservation
    var state: NodeState

    /// Requests with the same key are asked for the same thing.
    var key: String { "\(route) \(request.rawTarget)" }

    /// What the candidate is asked.
    /// - Parameters:
    ///   - round: from 1.
    ///   - isLast: no further round follows.
    ///   - views: what the legacy says of parts that are not native.
    func arguments(round: Int, isLast: Bool, views: PyDict?) -> PyDict {
        [
            "case": .string(PyString(key)), "round": .int(round), "last": .bool(isLast),
            "route": .string(PyString(route)),
            "method": .string(PyString(request.method)), "target": .string(PyString(request.rawTarget)),
            "headers": ShadowObservation.value(headers: request.headers.pairs.map { (name: $0.name, value: $0.value) }),
            "remote": .string(PyString(request.remoteAddress)), "state": .dict(state.image()),
            "views": views.map { .dict($0) } ?? .none, "old": old.value,
        ]
    }

    /// The same request once more: the body of the first one has been read.
    var repeated: ServiceRequest {
        ServiceRequest(
            method: request.method, target: request.rawTarget,
            headers: request.headers.pairs.map { ($0.name, $0.value) }, remoteAddress: request.remoteAddress)
    }
}
