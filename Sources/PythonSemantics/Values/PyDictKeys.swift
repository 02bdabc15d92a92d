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
    /// The JSON text of the keys, for tables that many dicts are made from.
    private(set) var encoded: EncodedKeys?

    init(_ index: KeyIndex, encoded: EncodedKeys? = nil) {
        self.index = index
        self.encoded = encoded
    }

    init(copying other: PyDictKeys) { index = other.index }

    var keys: [PyString] { index.keys }

    func position(of key: PyString) -> Int? { index.position(of: key) }

    /// Position of `key`, which is added at the end when it is new. Only while uniquely referenced.
    func insert(_ key: PyString) -> Int {
        encoded = nil
        return index.insert(key).position
    }

    /// Only while uniquely referenced.
    func remove(at position: Int) {
        encoded = nil
        index.remove(at: position)
    }
}

/// `"key": ` of every key, one after the other, as `json.dumps` writes them by default.
struct EncodedKeys: Sendable {
    let bytes: [UInt8]
    /// Where each key's text ends.
    let ends: [Int]

    init(_ keys: [PyString]) {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        for key in keys {
            PyJSON.appendString(key, to: &bytes)
            bytes.append(contentsOf: ": ".utf8)
            ends.append(bytes.count)
        }
        self.bytes = bytes
        self.ends = ends
    }
}
