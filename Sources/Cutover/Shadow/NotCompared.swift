/// Why an answer of the serving side was not compared. Every answer of a subsystem on `shadow` is compared or counted
/// under one of these.
package enum NotCompared: String, Sendable, Hashable, CaseIterable {
    /// A write, or HEAD: only answers to GET are compared in this version.
    case notARead = "not a read"
    /// There is no native handler for the route (yet, or in the present state of the tree's files).
    case notNative = "not native"
    /// The legacy did not answer: 503 of the front.
    case notServed = "not served"
    /// The client went away before the answer had been passed on.
    case cutOff = "cut off"
    case tooBig = "too big"
    case sampledOut = "sampled out"
    case queueFull = "queue full"
    case breakerOpen = "breaker open"
    case candidateDown = "candidate down"
    case timedOut = "timed out"
    /// The handler wanted to write, start or send: what would have come of it is not known.
    case effectUnknown = "effect unknown"
    /// The body is compressed.
    case encoded = "encoded"
    /// It differed, and counts when a client's next such request differs, too: asking again would change the serving side.
    case unrepeated = "not repeated"
    /// The subsystem left `shadow` while the sample waited.
    case modeChanged = "mode changed"
}

/// What became of one sample.
package enum ShadowOutcome: Sendable, Equatable {
    case equal
    /// They differed, and did not when both were asked again.
    case race
    case mismatch
    case notCompared(NotCompared)
}
