#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The keys of a dict that was read, with the place of each in the text, so that the next dict with the same keys is
/// recognised by comparing bytes and shares the key table.
final class DictTemplate {
    let table: PyDictKeys
    /// Where each key stands in the text being parsed; length -1 for a key with escapes.
    let places: [(start: UnsafePointer<UInt8>, length: Int)]

    init(table: PyDictKeys, places: [(start: UnsafePointer<UInt8>, length: Int)]) {
        self.table = table
        self.places = places
    }
}

/// Collects the keys of one dict: follows the template as long as the keys are the same, then goes on alone.
struct DictBuilder {
    private let template: DictTemplate?
    /// Number of keys that followed the template.
    private var followed = 0
    /// Own keys, from the first that differs.
    private var own = KeyIndex()
    private var isAlone = false
    private var places: [(start: UnsafePointer<UInt8>, length: Int)] = []

    init(template: DictTemplate?) { self.template = template }

    /// Length of the predicted next key if exactly it (and its closing quote) stands at `start`, else -1.
    @inline(__always)
    func predictedLength(at start: UnsafePointer<UInt8>, available: Int) -> Int {
        guard !isAlone, let template, followed < template.places.count else { return -1 }
        let place = template.places[followed]
        guard place.length >= 0, place.length < available, start[place.length] == UInt8(ascii: "\"") else { return -1 }
        return memcmp(start, place.start, place.length) == 0 ? place.length : -1
    }

    /// Takes the predicted key; returns its slot.
    @inline(__always)
    mutating func acceptPrediction() -> Int {
        followed += 1
        return followed - 1
    }

    /// Adds a key; returns its slot, which is an old one for a repeated key.
    mutating func add(_ key: PyString, start: UnsafePointer<UInt8>, length: Int) -> Int {
        if !isAlone { leaveTemplate() }
        let (position, isNew) = own.insert(key)
        if isNew { places.append((start, length)) }
        return position
    }

    private mutating func leaveTemplate() {
        isAlone = true
        own = KeyIndex(reserving: max(4, followed + 1))
        guard let template, followed > 0 else { return }
        for key in template.table.keys[..<followed] { _ = own.insert(key) }
        places.append(contentsOf: template.places[..<followed])
    }

    /// The keys read, as the template for the next dict: the same one if all of it was followed.
    mutating func finish() -> DictTemplate {
        if !isAlone {
            if let template, followed == template.places.count { return template }
            leaveTemplate()
        }
        return DictTemplate(table: PyDictKeys(own), places: places)
    }
}
