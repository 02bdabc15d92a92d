import Foundation
import Testing

@testable import Cutover

@Suite struct StartPriorityTests {
    private func nice(_ pid: pid_t) -> Int32 { getpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(pid)) }

    /// A child gives way and comes back; where it could not come back its priority is not touched.
    @Test func givesWayOnlyWhereItComesBack() throws {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/bin/sleep")
        child.arguments = ["30"]
        try child.run()
        defer { child.terminate() }
        let own = nice(getpid())
        guard let priority = StartPriority(lowering: child.processIdentifier) else {
            #expect(nice(child.processIdentifier) == own)
            #expect(geteuid() != 0 || setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, own - 1) != 0)
            return
        }
        #expect(nice(child.processIdentifier) == max(own, StartPriority.starting))
        priority.restore()
        #expect(nice(child.processIdentifier) == own)
    }
}
