import PythonSemantics

/// The store as the exchange sees it: the only authority over a node's state.
package protocol ExchangedStore: Sendable {
    /// Grows with every change.
    var version: UInt64 { get }

    /// All attributes in the forms of `Legacy/shim/ringrift_shim/codec.py`, by the legacy's names.
    func image() -> PyDict

    /// Applies a worker's patch in one critical section.
    /// - Returns: the places that both sides had changed; the patch has won there.
    func take(_ patch: StatePatch) -> [StatePatch.Path]

    /// Takes attributes the store does not know yet, as a fresh worker has them.
    func adopt(_ attributes: PyDict)

    /// Legacy code has run: processes may have begun or ended.
    func legacyRan()

    /// Writes the state to disk; a failure is told, never thrown.
    func save() async

    /// Does a step that is native, because the worker came to it in one of its own.
    func perform(_ step: PyString) async -> PyValue
}

/// What a worker does for a node beside its routes.
package struct WorkerDuties: Sendable, Equatable {
    /// Names of the background loops that run in the worker.
    package var loops: [String]
    /// Methods of the legacy node that the front does: the worker asks for them.
    package var natives: [String]
    /// When the node started, unix seconds: its age must not depend on when a worker was started.
    package var startTime: Double

    package init(loops: [String], natives: [String] = [], startTime: Double) {
        self.loops = loops
        self.natives = natives
        self.startTime = startTime
    }
}
