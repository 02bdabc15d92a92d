/// Ordered, distinct keys with a hash index once there are more than eight.
struct KeyIndex: Sendable {
    /// Up to this many keys a linear scan is used and no index is kept.
    static let linearLimit = 8

    private(set) var keys: [PyString] = []
    /// Hash of each key; filled together with ``slots``.
    private var hashes: [UInt32] = []
    /// Open addressing, linear probing: position + 1, or 0 when free. Empty without an index.
    private var slots: [Int32] = []

    init() {}

    init(reserving capacity: Int) { keys.reserveCapacity(capacity) }

    /// Position of `key`, nil when absent.
    func position(of key: PyString) -> Int? {
        if slots.isEmpty {
            for index in keys.indices where keys[index] == key { return index }
            return nil
        }
        return probe(key, hash: KeyHash.of(key)).position
    }

    /// Appends `key` unless present. Returns its position and whether it is new.
    mutating func insert(_ key: PyString) -> (position: Int, isNew: Bool) {
        if slots.isEmpty {
            for index in keys.indices where keys[index] == key { return (index, false) }
            keys.append(key)
            if keys.count > Self.linearLimit { buildIndex() }
            return (keys.count - 1, true)
        }
        let hash = KeyHash.of(key)
        let found = probe(key, hash: hash)
        if let position = found.position { return (position, false) }
        keys.append(key)
        hashes.append(hash)
        if keys.count * 2 > slots.count {
            fillSlots()
        } else {
            slots[found.slot] = Int32(truncatingIfNeeded: keys.count)
        }
        return (keys.count - 1, true)
    }

    /// Removes the key at `position`; the keys behind it move up by one.
    mutating func remove(at position: Int) {
        keys.remove(at: position)
        guard !slots.isEmpty else { return }
        hashes.remove(at: position)
        if keys.count <= Self.linearLimit {
            hashes = []
            slots = []
        } else {
            // Positions behind it changed, and a hole in a probe sequence would hide keys: refill, one pass.
            fillSlots()
        }
    }

    private mutating func buildIndex() {
        hashes = keys.map(KeyHash.of)
        fillSlots()
    }

    private mutating func fillSlots() {
        var capacity = 32
        while capacity < keys.count * 3 { capacity *= 2 }
        let mask = capacity - 1
        slots = [Int32](unsafeUninitializedCapacity: capacity) { buffer, initialized in
            buffer.initialize(repeating: 0)
            for (position, hash) in hashes.enumerated() {
                var slot = Int(hash) & mask
                while buffer[slot] != 0 { slot = (slot + 1) & mask }
                buffer[slot] = Int32(truncatingIfNeeded: position + 1)
            }
            initialized = capacity
        }
    }

    private func probe(_ key: PyString, hash: UInt32) -> (position: Int?, slot: Int) {
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while true {
            let entry = slots[slot]
            if entry == 0 { return (nil, slot) }
            let position = Int(entry) - 1
            if hashes[position] == hash && keys[position] == key { return (position, slot) }
            slot = (slot + 1) & mask
        }
    }
}
