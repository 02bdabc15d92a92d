import PythonSemantics

/// A three-way patch between two images of a node's state (DESIGN section 3 "One store, patches").
///
/// An image maps attribute names to JSON forms. What a patch does not name is untouched, so that a field that one side left
/// alone never overwrites the other side's newer value. The same form as `Legacy/shim/ringrift_shim/patch.py`.
package struct StatePatch: Sendable, Equatable {
    /// What happened at one place.
    package indirect enum Node: Sendable, Equatable {
        /// The value changed; `before` is nil when there was none.
        case changed(PyValue, before: PyValue?)
        /// The attribute, record or field is gone; `before` is what it was, nil when that is not known.
        case removed(before: PyValue?)
        /// Something below changed.
        case inside([Entry])
    }

    /// One key of an attribute, a record map or a record.
    package struct Entry: Sendable, Equatable {
        package var key: PyString
        package var node: Node

        package init(_ key: PyString, _ node: Node) {
            self.key = key
            self.node = node
        }
    }

    /// A place in an image: attribute, record, field.
    package typealias Path = [PyString]

    /// In the order in which the attributes stand in the newer image; removals come last.
    package var entries: [Entry]

    package init(_ entries: [Entry] = []) { self.entries = entries }

    package var isEmpty: Bool { entries.isEmpty }

    /// The patch that leads from `base` to `now`.
    /// - Parameter depth: how deep an attribute is compared: 0 as one value, 1 field by field, 2 fields of records.
    package static func between(_ base: PyDict, _ now: PyDict, depth: (PyString) -> Int) -> StatePatch {
        var entries: [Entry] = []
        for (name, value) in now {
            if let old = base[name] {
                if let node = node(old, value, depth: depth(name)) { entries.append(Entry(name, node)) }
            } else {
                entries.append(Entry(name, .changed(value, before: nil)))
            }
        }
        for (name, old) in base where !now.contains(key: name) { entries.append(Entry(name, .removed(before: old))) }
        return StatePatch(entries)
    }

    private static func node(_ base: PyValue, _ now: PyValue, depth: Int) -> Node? {
        if base == now { return nil }
        guard depth > 0, case .dict(let old) = base, case .dict(let new) = now, isPlain(old), isPlain(new),
            old["$record"] == new["$record"]
        else { return .changed(now, before: base) }
        return .inside(between(old, new, depth: { _ in depth - 1 }).entries)
    }

    /// Whether the keys are records or fields; a tagged object is one value, except a record.
    private static func isPlain(_ dict: PyDict) -> Bool {
        guard let first = dict.keys.first else { return true }
        return !tags.contains(first)
    }

    private static let tags: Set<PyString> = ["$enum", "$map", "$tuple", "$set", "$path", "$bytes"]

    /// The image with the patch applied. The patch wins where both sides had changed a place; such places are put into
    /// `conflicts`. A change inside something that is no longer there is lost, because half a record is no record; something
    /// that is gone there and was changed here stays: what goes on is known better by whoever changed it.
    package func applied(to image: PyDict, conflicts: inout [Path]) -> PyDict {
        Self.apply(entries, to: image, conflicts: &conflicts, path: [])
    }

    private static func apply(
        _ entries: [Entry], to image: PyDict, conflicts: inout [Path], path: Path
    ) -> PyDict {
        var image = image
        for entry in entries {
            let place = path + [entry.key]
            switch entry.node {
            case .removed(let before):
                if let before, let current = image[entry.key], current != before {
                    conflicts.append(place)
                } else {
                    image.removeValue(forKey: entry.key)
                }
            case .changed(let value, let before):
                // A new record that the other side made as well is a conflict, too.
                if let current = image[entry.key], current != before, current != value { conflicts.append(place) }
                image[entry.key] = value
            case .inside(let below):
                guard case .dict(let current)? = image[entry.key] else {
                    conflicts.append(place)
                    continue
                }
                image[entry.key] = .dict(apply(below, to: current, conflicts: &conflicts, path: place))
            }
        }
        return image
    }
}

extension StatePatch {
    /// Reads the form that travels: `{"v": new, "b": old}`, `{"d": 1, "b": old}`, `{"m": {key: node}}` by key.
    ///
    /// - Throws: `StatePatchError` for anything else.
    package init(json: PyDict) throws(StatePatchError) {
        entries = try Self.entries(json)
    }

    private static func entries(_ json: PyDict) throws(StatePatchError) -> [Entry] {
        var entries: [Entry] = []
        for (key, value) in json {
            guard case .dict(let node) = value else { throw StatePatchError(key: key) }
            if case .dict(let below)? = node["m"] {
                entries.append(Entry(key, .inside(try Self.entries(below))))
            } else if let new = node["v"] {
                entries.append(Entry(key, .changed(new, before: node["b"])))
            } else if node["d"] != nil {
                entries.append(Entry(key, .removed(before: node["b"])))
            } else {
                throw StatePatchError(key: key)
            }
        }
        return entries
    }

    /// The form that travels.
    package var json: PyDict { Self.json(entries) }

    private static func json(_ entries: [Entry]) -> PyDict {
        var dict = PyDict()
        for entry in entries {
            switch entry.node {
            case .removed(let before):
                var node: PyDict = ["d": 1]
                if let before { node["b"] = before }
                dict[entry.key] = .dict(node)
            case .changed(let value, let before):
                var node: PyDict = ["v": value]
                if let before { node["b"] = before }
                dict[entry.key] = .dict(node)
            case .inside(let below): dict[entry.key] = .dict(["m": .dict(json(below))])
            }
        }
        return dict
    }
}

/// A node of a patch that is none of the three forms.
package struct StatePatchError: Error, Sendable, Equatable {
    package var key: PyString
}
