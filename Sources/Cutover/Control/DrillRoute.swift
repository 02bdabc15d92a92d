/// The routes a drill asks: reading ones with native code, that start nothing and change nothing on either side.
package enum DrillRoute {
    package static let all: [(subsystem: Subsystem, path: String, isInDouble: Bool)] = [
        (.p2pObservability, "/health", true),
        (.p2pLeadership, "/election/grant", true),
        (.p2pScheduling, "/api/jobs", false),
    ]

    /// Those of some subsystems.
    /// - Parameter isDouble: the legacy is the bundled test double, which has not every route.
    package static func paths(_ subsystems: [Subsystem], isDouble: Bool) -> [String] {
        all.filter { subsystems.contains($0.subsystem) && ($0.isInDouble || !isDouble) }.map(\.path)
    }
}
