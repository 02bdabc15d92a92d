/// The keys of one or more ``PyDict`` values.
///
/// Dicts with the same keys in the same order may share one table (the JSON parser makes siblings do so); that is why
/// the table is a class of its own and the values live in the dict.
///
/// `@unchecked Sendable`: the table is only mutated while uniquely referenced (`PyDict.makeTableUnique()`), as the
/// buffers of the standard collections are.
final class PyDictKeys: @unchecked Sendable {
    static let empty = PyDictKeys(KeyIndex())

    private var index: KeyIndex

    init(_ index: KeyIndex) { self.index = index }

    init(copying other: PyDictKeys) { index = other.index }

    var keys: [PyString] { index.keys }

    func position(of key: PyString) -> Int? { index.position(of: key) }

    /// Only while uniquely referenced.
    func insert(_ key: PyString) { _ = index.insert(key) }

    /// Only while uniquely referenced.
    func remove(at position: Int) { index.remove(at: position) }
}
