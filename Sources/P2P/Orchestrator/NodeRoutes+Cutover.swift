import Cutover
import Foundation
import HTTPService
import P2PModel

/// `GET /cutover`, `/cutover/status` and `/cutover/metrics`: what the toolkit itself says, beside the legacy's 136 routes.
///
/// Only these three are taken, only for GET and HEAD, and without a line in the access log: all else, `POST /cutover`
/// included, is answered and logged as the legacy does it.
package struct CutoverRoutes: Sendable {
    private let runtime: NodeRuntime
    private let worker: LegacyWorker?
    private let flags: FlagStore?
    /// The legacy's tree, and whether it is the test double.
    private let legacy: (tree: String, isDouble: Bool)?
    private let counts: [Subsystem: (native: Int, all: Int)]
    private let evidence: any ComparisonEvidence

    /// - Parameters:
    ///   - worker: who serves what is on the legacy; nil: nobody.
    ///   - flags: nil: the three are not there.
    ///   - evidence: what comparing has shown.
    package init(
        runtime: NodeRuntime, worker: LegacyWorker?, flags: FlagStore?, routes: NodeRoutes,
        evidence: any ComparisonEvidence = NoComparison()
    ) {
        self.runtime = runtime
        self.worker = worker
        self.flags = flags
        self.evidence = evidence
        legacy = worker?.configuration.tree.map { ($0, LegacyTree.isBundled($0)) }
        let native = routes.nativeRoutes
        counts = P2PRoute.all.reduce(into: [:]) { counts, route in
            counts[route.subsystem, default: (0, 0)].all += 1
            if native.contains("\(route.method) \(route.path)") { counts[route.subsystem, default: (0, 0)].native += 1 }
        }
    }

    package var middleware: Middleware {
        { request, next in
            guard request.method == "GET" || request.method == "HEAD", let response = try answer(request.path) else {
                return try await next(request)
            }
            return response
        }
    }

    /// - Returns: nil for every other path.
    private func answer(_ path: String) throws -> ServiceResponse? {
        guard path.hasPrefix("/cutover"), let flags else { return nil }
        var response: ServiceResponse
        switch path {
        case "/cutover":
            response = .html(
                CutoverPage(status(flags), history: flags.file.history).html,
                headers: [("Content-Security-Policy", CutoverPage.policy)])
        case "/cutover/status": response = .json(bytes: try status(flags).json())
        case "/cutover/metrics":
            response = .data(Array(CutoverMetrics(status(flags)).text.utf8), contentType: CutoverMetrics.contentType)
        default: return nil
        }
        response.headers.append(("Cache-Control", "no-store"))
        response.isLogged = false
        return response
    }

    private func status(_ flags: FlagStore) -> CutoverStatus {
        let configuration = runtime.configuration
        let node = CutoverStatus.Node(
            id: configuration.nodeID.description, pid: getpid(), tree: configuration.tree, started: runtime.startTime,
            legacy: legacy?.tree, isDouble: legacy?.isDouble ?? false)
        let kind = configuration.environment["RINGRIFT_STANDBY"] ?? ""
        let serving = CutoverStatus.Serving(
            node: node, standby: CutoverStatus.Standby(kind: kind.isEmpty ? "warm" : kind, worker?.current),
            table: runtime.modes.current, ledger: runtime.ledger, routes: counts, evidence: evidence)
        return CutoverStatus(flags: flags, serving: serving, now: runtime.effects.clock.now())
    }
}

extension LegacyWorker.Configuration {
    /// The tree it hosts.
    fileprivate var tree: String? {
        command.firstIndex(of: "--tree").flatMap { command.indices.contains($0 + 1) ? command[$0 + 1] : nil }
    }
}
