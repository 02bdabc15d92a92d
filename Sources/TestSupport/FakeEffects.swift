import Effects
import PythonSemantics

/// A world without a machine: time moves by hand, ids come from labelled streams, files live in memory, databases in a
/// folder of their own, peers answer from a script. Parts that were not prepared refuse and report.
///
/// One suite of rules for all tests: what no real node may ask (an unknown program, a request that the contract does
/// not know) goes to `onViolation`, which a test turns into a failure.
package struct FakeEffects: Sendable {
    package let clock: FakeClock
    package let identifiers: FakeIdentifiers
    package let probes: FakeProbes
    package let processes: FakeProcesses
    package let peers: ScriptedPeers
    package let files: MemoryFiles
    package let databases: FolderDatabases

    /// - Parameters:
    ///   - now: unix seconds at the start.
    ///   - onViolation: told about everything that may not happen, one sentence each.
    package init(now: Double = 1_800_000_000.25, onViolation: @escaping @Sendable (String) -> Void) {
        clock = FakeClock(now: now)
        identifiers = FakeIdentifiers()
        probes = FakeProbes()
        processes = FakeProcesses(onViolation: onViolation)
        peers = ScriptedPeers(onViolation: onViolation)
        files = MemoryFiles()
        databases = FolderDatabases(onViolation: onViolation)
    }

    package var effects: Effects {
        Effects(
            clock: clock, identifiers: identifiers, probes: probes, processes: processes, peers: peers, files: files,
            databases: databases)
    }
}
