import Cutover
import Foundation
import P2PNode
import ParityHarness

// The process's entry. Everything here runs on the main thread before any Swift task exists, because an embedded
// interpreter of shape "pure" must start first and on this thread (DESIGN section 4).

let invocation = Invocation(
    arguments: CommandLine.arguments, environment: ProcessInfo.processInfo.environment)
exit(invocation.run())
