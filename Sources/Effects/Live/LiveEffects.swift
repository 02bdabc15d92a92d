extension Effects {
    /// The real world. The transport is returned too, because it must be shut down at the end of the node.
    package static func live() -> (effects: Effects, transport: LivePeers) {
        let transport = LivePeers()
        let effects = Effects(
            clock: LiveClock(), identifiers: LiveIdentifiers(), probes: LiveProbes(), processes: LiveProcesses(),
            peers: transport, files: LiveFiles(), databases: LiveDatabases())
        return (effects, transport)
    }
}
