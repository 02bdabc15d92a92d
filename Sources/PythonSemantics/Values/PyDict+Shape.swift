extension PyDict {
    /// The keys of a record kind, made once (`static let`): dicts made from a shape share its key table and its encoded
    /// key texts, so that making one costs one array and writing it no work on keys.
    package struct Shape: Sendable {
        let table: PyDictKeys

        /// - Precondition: the keys are distinct.
        package init(_ keys: [PyString]) {
            var index = KeyIndex(reserving: keys.count)
            for key in keys {
                let isNew = index.insert(key).isNew
                precondition(isNew, "the key \(key) occurs twice in a shape; remove one")
            }
            table = PyDictKeys(index, encoded: EncodedKeys(keys))
        }

        package var keys: [PyString] { table.keys }
    }

    /// A dict with the keys of `shape`, in its order, and as many values.
    package init(_ shape: Shape, _ values: [PyValue]) {
        precondition(values.count == shape.keys.count, "a shape of \(shape.keys.count) keys needs as many values")
        self.init(table: shape.table, values: values)
    }
}
