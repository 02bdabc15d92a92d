import Effects
import PythonSemantics

/// The models there are and how far each configuration has come; contract 11 section 4.3.
package struct ModelLineage: Sendable {
    /// 0 when there is no directory of models, or one of them could not be looked at.
    package private(set) var count = 0
    /// The newest generation of each configuration, in the order in which they were met.
    package private(set) var generations: [(name: PyString, latest: PyValue)] = []

    package init() {}

    /// - Parameter root: `{ringrift_path}/ai-service`.
    package static func collect(root: String, files: any FileAccess) -> ModelLineage {
        let directory = root + "/models"
        guard files.exists(directory) else { return ModelLineage() }
        var lineage = ModelLineage()
        do throws(PyException) {
            for suffix in [".pt", ".pth"] {
                for path in files.recursiveGlob(directory, suffix: suffix) {
                    _ = try files.status(path)
                    try lineage.add(stem(path.lastComponent))
                }
            }
            return lineage
        } catch {
            return ModelLineage()
        }
    }

    private mutating func add(_ stem: String) throws(PyException) {
        count += 1
        let generation = try Self.generation(stem)
        let name = Self.configuration(stem)
        if let place = generations.firstIndex(where: { $0.name == name }) {
            generations[place].latest = try PyNumber.max(generations[place].latest, generation)
        } else {
            generations.append((name, generation))
        }
    }

    private static func configuration(_ stem: String) -> PyString {
        guard let match = board.first(in: stem) else { return "unknown" }
        var name = match[group: 0].lowercased()
        if name.hasPrefix("sq"), !name.hasPrefix("square") {
            name = "square" + name.dropFirst(2)
        } else if name == "hex" {
            name = "hexagonal"
        }
        return PyString("\(name)_\(match[group: 1])p")
    }

    private static func generation(_ stem: String) throws(PyException) -> PyValue {
        guard let match = step.first(in: stem) else { return 0 }
        return try PyNumber.int(PyString(match.compactMap { $0 }.first { !$0.isEmpty } ?? "0"))
    }

    /// The name without its last suffix, as `Path.stem`.
    private static func stem(_ name: String) -> String {
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex, name.index(after: dot) < name.endIndex else {
            return name
        }
        return String(name[..<dot])
    }

    private static let board = TextPattern(#"(square\d+|sq\d+|hexagonal|hex)[\W_]*(\d+)p"#, ignoringCase: true)
    private static let step = TextPattern(#"gen(\d+)|v(\d+)|epoch(\d+)"#, ignoringCase: true)
}
