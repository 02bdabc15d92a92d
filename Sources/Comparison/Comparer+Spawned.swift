extension Comparer {
    /// Compares the stubbed programs that were started: argv, working directory and environment, how often, and in the
    /// order that all references share.
    package mutating func compare(spawned: [SpawnedObservation], references: [[SpawnedObservation]]) {
        guard !references.isEmpty else { return }
        compare("spawned", lines: ObservedLine.lines(spawned), references: references.map(ObservedLine.lines))
    }
}
