import Effects
import PythonSemantics

/// Utilisation targets from `config/unified_loop.yaml`, section `resource_targets`; contract 07 section 3.1.
///
/// Numbers keep the type they have in the file, because they show in texts (`60-80%`).
package struct ResourceTargets: Sendable, Equatable {
    package var cpuMinimum: PyValue = .float(60.0)
    package var cpuMaximum: PyValue = .float(80.0)
    package var gpuMinimum: PyValue = .float(60.0)
    package var gpuMaximum: PyValue = .float(85.0)
    /// `kp`, `ki`, `kd` and the file they came from; nil when no file has them.
    package var pid: PIDSource?

    package struct PIDSource: Sendable, Equatable {
        package var path: String
        package var kp: PyValue
        package var ki: PyValue
        package var kd: PyValue
    }

    package init() {}

    /// `60-80%`, as in the start log and /health.
    package var rangeText: String { "\(cpuMinimum.pyStr)-\(cpuMaximum.pyStr)%" }
    /// The lower bound as a number.
    package var minimum: Double { (try? PyNumber.float(cpuMinimum)) ?? 60 }
    /// The upper bound as a number.
    package var maximum: Double { (try? PyNumber.float(cpuMaximum)) ?? 80 }

    /// - Parameters:
    ///   - tree: the `ai-service` directory.
    ///   - environment: for the PID gains a file lacks (`RINGRIFT_PID_KP`, `_KI`, `_KD`).
    /// - Returns: the targets and, when the tree's file cannot be read, the line the legacy prints about it.
    package static func load(
        tree: String, files: any FileAccess, environment: [String: String]
    ) -> (targets: ResourceTargets, complaint: String?) {
        var targets = ResourceTargets()
        var complaint: String?
        let own = tree + "/config/unified_loop.yaml"
        if files.exists(own) {
            do {
                let section = try document(own, files)["resource_targets"]
                targets.take(section)
            } catch {
                complaint = "[ResourceTargets] Config load error: \(errorText(error))"
            }
        }
        for path in [own, "config/unified_loop.yaml", "/etc/ringrift/unified_loop.yaml"] where files.exists(path) {
            guard let section = try? document(path, files)["resource_targets"]?["pid"], section.isTruthy else {
                continue
            }
            func gain(_ key: PyString, _ variable: String, _ fallback: Double) -> PyValue {
                section[key] ?? .float(environment[variable].flatMap(Double.init) ?? fallback)
            }
            targets.pid = PIDSource(
                path: path, kp: gain("kp", "RINGRIFT_PID_KP", 0.3), ki: gain("ki", "RINGRIFT_PID_KI", 0.05),
                kd: gain("kd", "RINGRIFT_PID_KD", 0.1))
            break
        }
        return (targets, complaint)
    }

    private mutating func take(_ section: PyValue?) {
        guard let section else { return }
        if let value = section["cpu_min"] { cpuMinimum = value }
        if let value = section["cpu_max"] { cpuMaximum = value }
        if let value = section["gpu_min"] { gpuMinimum = value }
        if let value = section["gpu_max"] { gpuMaximum = value }
    }

    private static func document(_ path: String, _ files: any FileAccess) throws -> PyValue {
        try YAMLValue.load(String(decoding: files.read(path), as: UTF8.self))
    }

    private static func errorText(_ error: any Error) -> String {
        (error as? PyException)?.message ?? String(describing: error)
    }
}
