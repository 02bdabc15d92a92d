import PythonSemantics

/// A Python dict of records: insertion order, Python's key equality, and a version per record for taking patches.
///
/// A value type with copy-on-write storage; look-up is O(1), removal O(n). Overwriting keeps the place and the first
/// key object, like a dict does.
package struct OrderedTable<Record: Sendable>: Sendable {
    /// One entry.
    package struct Entry: Sendable {
        package let key: PyKey
        /// The key as it was first given (`1` stays `1` when `True` is stored later).
        package let keyValue: PyValue
        package fileprivate(set) var record: Record
        /// The table's version when this record last changed.
        package fileprivate(set) var version: UInt64
    }

    package private(set) var entries: ContiguousArray<Entry> = []
    private var places: [PyKey: Int] = [:]
    /// Counts changes; every change gives the touched record the new value.
    package private(set) var version: UInt64 = 0
    /// Removed keys, with the version of their removal; a key that returns leaves this list.
    package private(set) var tombstones: [PyKey: UInt64] = [:]

    package init() {}

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }

    /// The record of a key; setting nil removes it.
    package subscript(key: PyKey) -> Record? {
        get { places[key].map { entries[$0].record } }
        set {
            if let newValue { set(key, keyValue: key.value, newValue) } else { remove(key) }
        }
    }

    /// `table.get(key)`; a value that cannot be a key is found nowhere only after Python's error.
    ///
    /// - Throws: `TypeError` `unhashable type: 'list'`.
    package func get(_ key: PyValue) throws(PyException) -> Record? { self[try PyKey(key)] }

    /// `table[key] = record`.
    ///
    /// - Throws: `TypeError` `unhashable type: 'list'`.
    package mutating func store(_ key: PyValue, _ record: Record) throws(PyException) {
        set(try PyKey(key), keyValue: key, record)
    }

    /// Changes a record in place; does nothing for an unknown key.
    package mutating func modify(_ key: PyKey, _ change: (inout Record) -> Void) {
        guard let place = places[key] else { return }
        version += 1
        change(&entries[place].record)
        entries[place].version = version
    }

    /// Removes a record.
    package mutating func remove(_ key: PyKey) {
        guard let place = places.removeValue(forKey: key) else { return }
        version += 1
        entries.remove(at: place)
        for later in place..<entries.count { places[entries[later].key] = later }
        tombstones[key] = version
    }

    /// Keys changed after a version, in table order.
    package func changes(since version: UInt64) -> [Entry] { entries.filter { $0.version > version } }

    private mutating func set(_ key: PyKey, keyValue: PyValue, _ record: Record) {
        version += 1
        if let place = places[key] {
            entries[place].record = record
            entries[place].version = version
        } else {
            places[key] = entries.count
            entries.append(Entry(key: key, keyValue: keyValue, record: record, version: version))
            tombstones[key] = nil
        }
    }
}

extension OrderedTable: Sequence {
    /// The records in table order.
    package func makeIterator() -> some IteratorProtocol<Record> { entries.lazy.map(\.record).makeIterator() }
}

extension OrderedTable: Equatable where Record: Equatable {
    /// Same keys, records and order; versions do not count.
    package static func == (left: OrderedTable, right: OrderedTable) -> Bool {
        left.entries.elementsEqual(right.entries) { $0.key == $1.key && $0.record == $1.record }
    }
}

/// `peers`: node_id -> what that node last said (contract 03 section 1).
package typealias PeerTable = OrderedTable<NodeInfo>
/// `local_jobs`: job_id -> job.
package typealias JobTable = OrderedTable<ClusterJob>
