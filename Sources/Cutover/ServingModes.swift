import Synchronization

/// Which implementation serves each subsystem at this moment. Read per request and per step, replaced as a whole.
package final class ServingModes: Sendable {
    private let table: Mutex<FlagTable>

    package init(_ table: FlagTable) { self.table = Mutex(table) }

    package var current: FlagTable { table.withLock { $0 } }

    package func mode(_ subsystem: Subsystem) -> Mode { table.withLock { $0.mode(subsystem) } }

    /// Whether native code serves it (`live`, `swift`); what of it is not native yet is the worker's all the same.
    package func isNative(_ subsystem: Subsystem) -> Bool { mode(subsystem).isNative }

    /// From now on.
    /// - Returns: the table until now.
    @discardableResult
    package func replace(_ new: FlagTable) -> FlagTable {
        table.withLock { table in
            defer { table = new }
            return table
        }
    }
}

extension Mode {
    /// Whether the new side serves.
    package var isNative: Bool { self >= .live }
}
