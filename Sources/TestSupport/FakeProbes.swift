import Effects
import Synchronization

/// A machine as a value.
package final class FakeProbes: HostProbes {
    /// What the probes answer.
    package struct Machine: Sendable {
        /// Texts below `/proc` by name.
        package var proc: [String: String] = [:]
        package var processors = 2
        /// File systems by path; other paths have none.
        package var fileSystems: [String: FileSystemUsage] = [:]
        package var commands: [ProcessCommand] = []
        package var alive: Set<Int32> = []
        package var address = "127.0.0.1"
        package var name = "vm"

        package init() {}
    }

    private let machine = Mutex(Machine())

    package init() {}

    /// Changes the machine.
    package func change(_ body: (inout Machine) -> Void) { machine.withLock { body(&$0) } }

    package func procFile(_ name: String) -> String? { machine.withLock { $0.proc[name] } }
    package func processorCount() -> Int { machine.withLock { $0.processors } }
    package func fileSystem(at path: String) -> FileSystemUsage? { machine.withLock { $0.fileSystems[path] } }
    package func commandLines() -> [ProcessCommand] { machine.withLock { $0.commands } }
    package func isAlive(pid: Int32) -> Bool { machine.withLock { $0.alive.contains(pid) } }
    package func localAddress() -> String { machine.withLock { $0.address } }
    package func hostName() -> String { machine.withLock { $0.name } }
}
