import Foundation

/// A change of the flags from outside the node: written to the file in one step, then looked for in the node's status.
package struct CutoverChange: Sendable {
    package struct Written: Sendable, Equatable {
        package var file: FlagFile
        /// When the new content came to the path; unix seconds.
        package var time: Double
    }

    package enum Confirmation: Sendable {
        /// The node serves so, seen so many seconds after the change.
        case inForce(CutoverStatus, seconds: Double)
        /// The node has read it, and something of it waits (for a worker).
        case waiting(CutoverStatus)
        /// The node follows another file, or does not see it.
        case notTaken(CutoverStatus)
        case notAFront(String)
        case unreachable(String)
    }

    package let storage: FlagFileStorage
    private let client: NodeClient
    private let now: @Sendable () -> Double

    /// - Parameter now: unix seconds.
    package init(
        storage: FlagFileStorage, client: NodeClient,
        now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
    ) {
        self.storage = storage
        self.client = client
        self.now = now
    }

    /// Blocks until all of it is on the disk. A file that is gone, empty or damaged is written anew from its last good
    /// content.
    package func write(_ edits: [FlagEdit]) throws(FlagFileStorage.Failure) -> Written {
        var time = now()
        let basis = storage.readLastGood().map { FlagFile($0) } ?? FlagFile()
        let file = try storage.edit(basis: basis, onReplace: { time = now() }) { file in
            edits.reduce(file) { $0.applying($1) }
        }
        storage.keepLastGood(file.bytes)
        return Written(file: file, time: time)
    }

    /// Asks the node until it serves so, for so many seconds at most; once in any case.
    package func confirm(_ written: Written, seconds: Double) async -> Confirmation {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let last: Confirmation
            switch await client.status() {
            case .status(let status) where status.flags.revision != written.file.revision: last = .notTaken(status)
            case .status(let status) where status.isInForce:
                return .inForce(status, seconds: max(0, now() - written.time))
            case .status(let status): last = .waiting(status)
            case .notAFront(let reason): return .notAFront(reason)
            case .unreachable(let reason): last = .unreachable(reason)
            }
            guard ContinuousClock.now < deadline, (try? await Task.sleep(for: .milliseconds(15))) != nil else {
                return last
            }
            if case .unreachable = last { return last }
        }
    }
}
