import Cutover
import P2PModel
import PythonSemantics

/// The state under the legacy's attribute names, in the forms of `Legacy/shim/ringrift_shim/codec.py`: native attributes
/// from their typed places, all others as they were carried. The names are those of `contract/data/slices.json`.
extension NodeState {
    /// How one native attribute is written and read. Reading leaves the old value where the form is not usable.
    struct NativeAttribute: Sendable {
        let name: PyString
        /// Nil: the legacy has no such attribute now.
        let write: @Sendable (NodeState) -> PyValue?
        let read: @Sendable (inout NodeState, PyValue?) -> Void
    }

    /// Everything. Lazily created attributes are there once they exist.
    func image() -> PyDict {
        var image = carried
        for attribute in Self.nativeAttributes {
            if let value = attribute.write(self) { image[attribute.name] = value }
        }
        return image
    }

    /// Applies a patch.
    /// - Returns: the places that both sides had changed.
    mutating func apply(_ patch: StatePatch) -> [StatePatch.Path] {
        var conflicts: [StatePatch.Path] = []
        for entry in patch.entries {
            let one = StatePatch([entry])
            guard let native = Self.nativeAttribute(entry.key) else {
                carried = one.applied(to: carried, conflicts: &conflicts)
                continue
            }
            var before = PyDict()
            if let value = native.write(self) { before[entry.key] = value }
            let after = one.applied(to: before, conflicts: &conflicts)
            switch (entry.key, entry.node, after[entry.key]) {
            case ("peers", .inside(let below), .dict(let records)?): readPeers(below.map(\.key), records)
            case ("local_jobs", .inside(let below), .dict(let records)?): readJobs(below.map(\.key), records)
            default: native.read(&self, after[entry.key])
            }
        }
        return conflicts
    }

    /// Whether an attribute has a typed place.
    static func isNative(_ name: PyString) -> Bool { nativeAttribute(name) != nil }

    private static func nativeAttribute(_ name: PyString) -> NativeAttribute? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: nativeAttributes.map { ($0.name, $0) })

    /// The native attributes: of leadership, and the records.
    static let nativeAttributes: [NativeAttribute] =
        leadershipAttributes + [
            NativeAttribute(name: "self_info", write: { $0.selfInfo.image }) { state, value in
                if let info = NodeInfo(image: value) { state.selfInfo = info }
            },
            NativeAttribute(name: "peers", write: { .dict($0.peersImage) }) { state, value in
                guard case .dict(let records)? = value else { return }
                let known = state.peers.entries.map { RecordKey.text($0.keyValue) }
                state.readPeers(records.keys + known.filter { !records.contains(key: $0) }, records)
            },
            NativeAttribute(name: "local_jobs", write: { .dict($0.jobsImage) }) { state, value in
                guard case .dict(let records)? = value else { return }
                let known = state.jobs.entries.map { RecordKey.text($0.keyValue) }
                state.readJobs(records.keys + known.filter { !records.contains(key: $0) }, records)
            },
            NativeAttribute(name: "last_inbound_heartbeat", write: { .float($0.lastInboundHeartbeat) }) {
                state, value in
                if let time = value?.asDouble { state.lastInboundHeartbeat = time }
            },
        ]

    // MARK: records

    private var peersImage: PyDict {
        PyDict(peers.entries.map { (RecordKey.text($0.keyValue), $0.record.image) })
    }

    private var jobsImage: PyDict {
        PyDict(jobs.entries.map { (RecordKey.text($0.keyValue), .dict($0.record.toDict())) })
    }

    /// Brings these keys to what `records` says; a key that is not in it is removed.
    private mutating func readPeers(_ keys: [PyString], _ records: PyDict) {
        for text in keys {
            guard let value = RecordKey.value(text), let key = try? PyKey(value) else { continue }
            if let record = records[text] {
                if let info = NodeInfo(image: record) { try? peers.store(value, info) }
            } else {
                peers.remove(key)
            }
        }
    }

    private mutating func readJobs(_ keys: [PyString], _ records: PyDict) {
        for text in keys {
            guard let value = RecordKey.value(text), let key = try? PyKey(value) else { continue }
            if let record = records[text] {
                if let job = try? ClusterJob(fromDict: record) { try? jobs.store(value, job) }
            } else {
                jobs.remove(key)
            }
        }
    }
}

/// Keys of record maps as keys of a JSON object: a string as it is, `$` and JSON text for anything else (and for a string
/// that begins with `$`), so that `7` and `"7"` stay two keys.
enum RecordKey {
    static func text(_ key: PyValue) -> PyString {
        if case .string(let text) = key, !text.hasPrefix("$") { return text }
        return "$" + ((try? PyJSON.dumpsText(key)) ?? "null")
    }

    /// Nil for a text that no key has.
    static func value(_ text: PyString) -> PyValue? {
        guard text.hasPrefix("$") else { return .string(text) }
        return try? PyJSON.loads(PyString(String(text.description.dropFirst())))
    }
}

extension NodeInfo {
    /// Fields and attachments.
    fileprivate var image: PyValue {
        var dict = fields
        if let attachments { dict.update(attachments) }
        return .dict(dict)
    }

    /// Nil for what is no record.
    fileprivate init?(image: PyValue?) {
        guard case .dict(let dict)? = image, var info = try? NodeInfo(fromDict: .dict(dict)) else { return nil }
        var more = dict
        for field in NodeInfo.schema.fields { more.removeValue(forKey: field.name) }
        if !more.isEmpty { info.attachments = more }
        self = info
    }
}
