import PythonSemantics

/// The fields of one Python dataclass: names, order, defaults. The texts of construction errors come from here.
package struct RecordSchema: Sendable {
    /// One field; without a default it is required.
    package struct Field: Sendable {
        package let name: PyString
        package let defaultValue: PyValue?

        package init(_ name: PyString, _ defaultValue: PyValue) {
            self.name = name
            self.defaultValue = defaultValue
        }

        private init(required name: PyString) {
            self.name = name
            defaultValue = nil
        }

        package static func required(_ name: PyString) -> Field { Field(required: name) }
        package var isRequired: Bool { defaultValue == nil }
    }

    /// The class name, as it stands in error texts.
    package let className: String
    package let fields: [Field]
    /// One value a field; required ones hold `.none` until set.
    package let defaults: ContiguousArray<PyValue>
    private let positions: [PyString: Int]

    package init(_ className: String, _ fields: [Field]) {
        self.className = className
        self.fields = fields
        defaults = ContiguousArray(fields.map { $0.defaultValue ?? .none })
        positions = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.name, $0) })
    }

    /// The place of a field, or nil for a name the record does not have.
    package func index(of name: PyString) -> Int? { positions[name] }

    /// `Class(**dict)`: first unknown key, then missing fields.
    package func construct(_ dict: PyDict) throws(PyException) -> ContiguousArray<PyValue> {
        var values = defaults
        var given = [Bool](repeating: false, count: fields.count)
        for (name, value) in dict {
            guard let index = positions[name] else { throw unexpected(name) }
            values[index] = value
            given[index] = true
        }
        let missing = fields.indices.filter { fields[$0].isRequired && !given[$0] }.map { fields[$0].name }
        if !missing.isEmpty { throw self.missing(missing) }
        return values
    }

    /// `Class.__init__() got an unexpected keyword argument 'x'`.
    package func unexpected(_ name: PyString) -> PyException {
        PyException(
            type: "TypeError", message: "\(className).__init__() got an unexpected keyword argument '\(name)'")
    }

    /// `Class.__init__() missing 2 required positional arguments: 'host' and 'port'`.
    package func missing(_ names: [PyString]) -> PyException {
        let quoted = names.map { "'\($0)'" }
        let list: String
        switch quoted.count {
        case 0, 1: list = quoted.joined()
        case 2: list = "\(quoted[0]) and \(quoted[1])"
        default: list = quoted.dropLast().joined(separator: ", ") + ", and " + quoted[quoted.count - 1]
        }
        let plural = names.count == 1 ? "" : "s"
        return PyException(
            type: "TypeError",
            message: "\(className).__init__() missing \(names.count) required positional argument\(plural): \(list)")
    }
}

extension PyValue {
    /// The object a `from_dict` works on. Lists fail at `.get`, everything else at the method that copies.
    ///
    /// - Throws: `AttributeError` such as `'str' object has no attribute 'copy'`.
    func recordDict(method: String) throws(PyException) -> PyDict {
        if case .dict(let dict) = self { return dict }
        if method == "copy", case .list = self { throw .noAttribute("get", on: self) }
        throw .noAttribute(method, on: self)
    }
}
