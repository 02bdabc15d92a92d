import Cutover
import HTTPService
import P2PModel
import P2PServices
import PythonSemantics

/// The routes of a node: native handlers where there are some, the legacy worker for the rest.
package struct NodeRoutes {
    let runtime: NodeRuntime
    let proxy: WorkerProxy?
    let shadow: ShadowService?

    /// - Parameter shadow: looks at the answers of subsystems on `shadow`; nil: nobody does.
    package init(runtime: NodeRuntime, proxy: WorkerProxy?, shadow: ShadowService? = nil) {
        self.runtime = runtime
        self.proxy = proxy
        self.shadow = shadow
    }

    /// All 136 routes in the legacy's order of registration.
    package func table() throws -> RouteTable {
        let native = leadership().merging(network()) { $1 }.merging(observability()) { $1 }
            .merging(JobRoutes(runtime: runtime, proxy: proxy).handlers) { $1 }
        var table = RouteTable()
        for route in P2PRoute.all {
            let name = "\(route.method) \(route.path)"
            let handler = serving(route.subsystem, name, native[name])
            try table.register(route.method, route.path, subsystem: route.subsystem.rawValue, handler: handler)
        }
        return table
    }

    /// Methods and paths that need no legacy.
    package var nativeRoutes: Set<String> {
        Set(leadership().keys).union(network().keys).union(observability().keys)
            .union(JobRoutes(runtime: runtime, proxy: proxy).handlers.keys)
    }

    /// Requests other than GET, HEAD and OPTIONS need the configured token (contract 01 section 3.2).
    package func authorization() -> Middleware {
        let authority = RequestAuthority(token: runtime.configuration.token)
        return { request, next in
            if authority.isRequired(for: request.method), try !authority.allows(request) {
                return try .json(.dict(["error": "unauthorized"]), status: 401)
            }
            return try await next(request)
        }
    }

    /// The native handler while its subsystem is native, else the worker.
    private func serving(_ subsystem: Subsystem, _ name: String, _ native: RouteHandler?) -> RouteHandler {
        let legacy = runtime.ledger.counted(
            subsystem, .legacy, shadowed(subsystem, name, isNative: native != nil))
        guard let native else { return legacy }
        let (modes, swift) = (runtime.modes, runtime.ledger.counted(subsystem, .swift, native))
        return { request in try await modes.isNative(subsystem) ? swift(request) : legacy(request) }
    }

    /// The worker, and beside it a candidate while the subsystem is on `shadow`.
    private func shadowed(_ subsystem: Subsystem, _ name: String, isNative: Bool) -> RouteHandler {
        let legacy = notNative()
        guard let shadow, ShadowService.compared.contains(subsystem) else { return legacy }
        let modes = runtime.modes
        return { request in
            guard modes.mode(subsystem) == .shadow else { return try await legacy(request) }
            return try await shadow.serve(request, subsystem, name, isNative: isNative)
        }
    }

    private func notNative() -> RouteHandler {
        guard let proxy else { return { request in try WorkerProxy.notImplemented(request) } }
        return { request in try await proxy.forward(request) }
    }

    private func leadership() -> [String: RouteHandler] {
        let runtime = runtime
        let authority = RequestAuthority(token: runtime.configuration.token)
        return [
            "POST /election": { request in
                try await runtime.reply { () throws(PyException) in
                    try await runtime.turn(refreshingSelf: true) { turn throws(PyException) in }
                    let body = try await request.json()
                    return try await runtime.turn { turn throws(PyException) in turn.handleElection(body) }
                }
            },
            "POST /election/lease": { request in
                do throws(PyException) {
                    guard try authority.allows(request) else {
                        return try .json(.dict(["error": "unauthorized"]), status: 401)
                    }
                    let body = try await request.json()
                    let outcome = try await runtime.turn { turn throws(PyException) in turn.handleLease(body) }
                    return try .json(outcome.reply(now: runtime.effects.clock.now()))
                } catch {
                    return try .json(.dict(["granted": false, "error": .string(PyString(error.message))]), status: 400)
                }
            },
            "GET /election/grant": { request in
                try await runtime.reply { () throws(PyException) in
                    guard try authority.allows(request) else { return NodeReply(401, ["error": "unauthorized"]) }
                    return try await runtime.turn { turn throws(PyException) in turn.grantReply() }
                }
            },
            "POST /coordinator": { request in
                try await runtime.reply { () throws(PyException) in
                    try await runtime.turn(refreshingSelf: true) { turn throws(PyException) in }
                    let body = try await request.json()
                    return try await runtime.turn { turn throws(PyException) in turn.handleCoordinator(body) }
                }
            },
        ]
    }

    private func network() -> [String: RouteHandler] {
        let runtime = runtime
        return [
            "POST /heartbeat": { request in
                try await runtime.reply { () throws(PyException) in
                    let body = try await request.json()
                    let remote = ForwardedHost.host(
                        xForwardedFor: request.header("X-Forwarded-For").map { PyString($0) },
                        xRealIP: request.header("X-Real-IP").map { PyString($0) },
                        cfConnectingIP: request.header("CF-Connecting-IP").map { PyString($0) },
                        remote: PyString(request.remoteAddress))
                    let reply = try await runtime.turn(refreshingSelf: true) { turn throws(PyException) in
                        turn.handleHeartbeat(body, remoteHost: remote)
                    }
                    if reply.status != 200 { runtime.resources.withdraw() }
                    return reply
                }
            }
        ]
    }
}

extension NodeRuntime {
    /// A handler with the legacy's catch-all: any exception becomes 400 with its text.
    func reply(_ body: () async throws(PyException) -> NodeReply) async throws -> ServiceResponse {
        do throws(PyException) {
            return try .json(try await body())
        } catch {
            return try .json(.badRequest(error))
        }
    }
}

extension ServiceResponse {
    static func json(_ reply: NodeReply) throws(PyException) -> ServiceResponse {
        try .json(.dict(reply.body), status: reply.status)
    }
}
