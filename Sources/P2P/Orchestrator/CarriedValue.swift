import PythonSemantics

/// Reading of carried attributes, whose JSON forms have tags for what JSON cannot say (`ringrift_shim/codec.py`).
enum CarriedValue {
    /// The value as `json.dumps` would write it: maps with their keys as text, tuples and sets as lists, records as objects.
    static func plain(_ value: PyValue) -> PyValue {
        switch value {
        case .list(let items): return .list(items.map(plain))
        case .dict(let dict): return plain(dict)
        default: return value
        }
    }

    /// A map by text keys whose records stay as they are carried: for maps that are too large to be made plain.
    static func map(_ value: PyValue?) -> PyDict {
        guard case .dict(let dict)? = value else { return [:] }
        guard dict.keys.first == "$map" else { return dict }
        return plain(dict).asDict ?? [:]
    }

    private static func plain(_ dict: PyDict) -> PyValue {
        guard let tag = dict.keys.first, tag.hasPrefix("$"), let content = dict[tag] else {
            return .dict(dict.mapValues(plain))
        }
        switch (tag, content) {
        case ("$record", _):
            var fields = dict
            fields.removeValue(forKey: tag)
            return .dict(fields.mapValues(plain))
        case ("$enum", _): return dict["value"] ?? .none
        case ("$tuple", .list(let items)), ("$set", .list(let items)): return .list(items.map(plain))
        case ("$map", .list(let pairs)):
            var map = PyDict()
            for pair in pairs {
                guard case .list(let both) = pair, both.count == 2, let key = try? PyKey(plain(both[0])).jsonKey()
                else { continue }
                map[key] = plain(both[1])
            }
            return .dict(map)
        default: return content
        }
    }
}
