import Effects
import P2PModel
import PythonSemantics

extension UtilizationTargets {
    /// The targets of the tree's `config/unified_loop.yaml`; the defaults without a readable file (whose line
    /// ``ResourceTargets`` prints at the start).
    ///
    /// - Returns: the exception of a section that is no mapping.
    package static func load(tree: String, files: any FileAccess) -> Result<UtilizationTargets, PyException> {
        let path = tree + "/config/unified_loop.yaml"
        guard files.exists(path), let bytes = try? files.read(path),
            case .dict(let document)? = try? YAMLValue.load(String(decoding: bytes, as: UTF8.self))
        else { return .success(UtilizationTargets()) }
        do throws(PyException) {
            return .success(try UtilizationTargets(section: document["resource_targets"]))
        } catch {
            return .failure(error)
        }
    }
}
