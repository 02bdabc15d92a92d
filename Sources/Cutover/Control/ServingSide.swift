import HTTPService

/// Which implementation answered a request.
package enum ServingSide: String, Sendable, Hashable, Codable, CaseIterable {
    case swift, legacy
}

/// The mark a drill puts on its requests, and what the front says in return: who answered, and when it took the request
/// up. Requests without the mark are answered exactly as ever.
package struct DrillMark: Sendable, Equatable {
    package static let header = "X-Ringrift-Drill"
    package static let sideHeader = "X-Ringrift-Side"
    /// Unix seconds with microseconds.
    package static let acceptedHeader = "X-Ringrift-Accepted"

    /// So many requests a drill may have.
    package static let maximumNumber = 1 << 20

    /// Names the drill: letters and digits, 32 at most.
    package var run: String
    /// The request's own number in it, from 0.
    package var number: Int

    package init(run: String, number: Int) {
        self.run = run
        self.number = number
    }

    /// - Returns: nil for what is no mark; such a request is an ordinary one.
    package init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, (1...32).contains(words[0].utf8.count),
            words[0].utf8.allSatisfy({ (48...57).contains($0) || (97...122).contains($0) }),
            words[1].utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int(words[1]), number < Self.maximumNumber
        else { return nil }
        run = String(words[0])
        self.number = number
    }

    package var text: String { "\(run) \(number)" }
}
