import PythonSemantics
import Yams

/// YAML text as Python values, with PyYAML's (YAML 1.1) idea of scalars: `on` and `yes` are true, `1e3` is a string.
package enum YAMLValue {
    /// - Returns: the document, `.none` for an empty one. Keys that are no strings are turned into their `str`.
    /// - Throws: the parser's error. Unlike PyYAML, Yams refuses a mapping that names a key twice.
    package static func load(_ text: String) throws -> PyValue {
        guard let node = try Yams.compose(yaml: text) else { return .none }
        return value(node)
    }

    private static func value(_ node: Node) -> PyValue {
        switch node {
        case .scalar(let scalar): return scalarValue(scalar)
        case .sequence(let sequence): return .list(sequence.map(value))
        case .mapping(let mapping): return .dict(dict(mapping))
        case .alias: return .none
        }
    }

    /// `<<` brings in what the mapping does not name itself; merged keys come first, as PyYAML puts them.
    private static func dict(_ mapping: Node.Mapping) -> PyDict {
        var result = PyDict()
        for (key, element) in mapping where isMerge(key) {
            let sources = element.mapping.map { [$0] } ?? element.sequence?.compactMap(\.mapping) ?? []
            for source in sources.reversed() {
                for (name, merged) in dict(source) { result[name] = merged }
            }
        }
        for (key, element) in mapping where !isMerge(key) { result[keyText(key)] = value(element) }
        return result
    }

    /// Keys show by their style what they are: Yams has resolved their tags by its own rules when it looked for
    /// duplicates.
    private static func isMerge(_ key: Node) -> Bool {
        key.scalar.map { $0.string == "<<" && $0.style == .plain } ?? false
    }

    private static func keyText(_ key: Node) -> PyString {
        if let scalar = key.scalar, scalar.style == .plain { return PyString(YAMLScalar.resolve(scalar.string).pyStr) }
        return PyString(value(key).pyStr)
    }

    private static func scalarValue(_ scalar: Node.Scalar) -> PyValue {
        let text = scalar.string
        switch scalar.tag.description {
        // A plain scalar without a tag; quoted ones carry the string tag.
        case "": return YAMLScalar.resolve(text)
        case Tag.Name.null.rawValue: return .none
        case Tag.Name.bool.rawValue: return YAMLScalar.boolean(text) ?? .string(PyString(text))
        case Tag.Name.int.rawValue: return YAMLScalar.integer(text) ?? .string(PyString(text))
        case Tag.Name.float.rawValue: return YAMLScalar.number(text) ?? .string(PyString(text))
        default: return .string(PyString(text))
        }
    }
}
