import PythonSemantics

/// The machine as `probes.json` describes it. `/proc` is asked for real: the sandbox binds the files that matter.
package struct FixedProbes: HostProbes {
    private let machine: LiveProbes
    private let processors: Int
    private let name: String
    private let disk: FileSystemUsage

    /// Reads `{"processors", "host_name", "disk": {"blocks", "free", "available"}}`; nil when something is missing.
    package init?(json: [UInt8]) {
        guard let value = try? PyJSON.loads(json), case .int(let processors)? = value["processors"],
            case .string(let name)? = value["host_name"], let disk = value["disk"],
            case .int(let blocks)? = disk["blocks"], case .int(let free)? = disk["free"],
            case .int(let available)? = disk["available"]
        else { return nil }
        machine = LiveProbes()
        self.processors = processors
        self.name = name.description
        self.disk = FileSystemUsage(blocks: UInt64(blocks), free: UInt64(free), available: UInt64(available))
    }

    package func procFile(_ name: String) -> String? { machine.procFile(name) }
    package func processorCount() -> Int { processors }
    package func fileSystem(at path: String) -> FileSystemUsage? { machine.fileSystem(at: path).map { _ in disk } }
    package func commandLines() -> [ProcessCommand] { machine.commandLines() }
    package func isAlive(pid: Int32) -> Bool { machine.isAlive(pid: pid) }
    package func localAddress() -> String { machine.localAddress() }
    package func hostName() -> String { name }
}
