import Effects
import P2PModel
import P2PServices
import PythonSemantics

extension ImprovementCycles.Thresholds {
    /// From `RINGRIFT_CONFIG_PATH`, else `config/unified_loop.yaml` below the tree, and the environment.
    static func load(
        tree: String, environment: [String: String], files: any FileAccess
    ) throws(PyException) -> ImprovementCycles.Thresholds {
        let path = environment["RINGRIFT_CONFIG_PATH"] ?? "config/unified_loop.yaml"
        let absolute = path.hasPrefix("/") ? path : tree + "/" + path
        let document = (try? files.read(absolute)).flatMap { try? YAMLValue.load(String(decoding: $0, as: UTF8.self)) }
        return try ImprovementCycles.Thresholds(configuration: document, environment: environment)
    }
}
