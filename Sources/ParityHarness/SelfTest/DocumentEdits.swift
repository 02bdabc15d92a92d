import Comparison
import PythonSemantics

/// One step of the way to a value of a document.
enum DocumentStep: Sendable {
    case key(PyString)
    case index(Int)

    var name: String {
        switch self {
        case .key(let key): key.description
        case .index(let index): String(index)
        }
    }
}

/// A random change somewhere in a document.
struct DocumentEdit {
    var kind: EditKind
    var place: ValuePath
    var before: String
    var after: String
    var document: PyValue
}

/// Edits of JSON documents, database dumps and files.
enum DocumentEdits {
    /// The ways to all leaves; an empty list or dict is a leaf, too.
    static func leaves(_ value: PyValue) -> [[DocumentStep]] {
        var found: [[DocumentStep]] = []
        func walk(_ value: PyValue, _ path: [DocumentStep]) {
            switch value {
            case .dict(let dict) where !dict.isEmpty:
                for (key, item) in dict { walk(item, path + [.key(key)]) }
            case .list(let items) where !items.isEmpty:
                for (index, item) in items.enumerated() { walk(item, path + [.index(index)]) }
            default: found.append(path)
            }
        }
        walk(value, [])
        return found
    }

    /// - Parameters:
    ///   - root: the document's place.
    ///   - leaf: the way to the leaf at which something happens.
    ///   - fixed: how many first steps name things (files, tables) that are not edited themselves.
    static func edit(
        _ document: PyValue, root: ValuePath, leaf: [DocumentStep], kinds: [EditKind], fixed: Int = 0,
        _ random: inout SplitMix64
    ) -> DocumentEdit? {
        guard let kind = random.pick(kinds), let old = value(document, leaf[...]) else { return nil }
        func place(_ path: some Sequence<DocumentStep>) -> ValuePath { ValuePath(root.segments + path.map(\.name)) }
        func result(_ next: PyValue, at path: [DocumentStep], _ value: PyValue) -> DocumentEdit? {
            guard let document = replacing(document, path[...], with: value) else { return nil }
            return DocumentEdit(
                kind: kind, place: place(leaf), before: short(old), after: short(next), document: document)
        }
        switch kind {
        case .value:
            guard let next = LeafEdits.value(old, &random) else { return nil }
            return result(next, at: leaf, next)
        case .type:
            let next = LeafEdits.type(old, &random)
            return result(next, at: leaf, next)
        case .missing, .extra, .order:
            // A container on the way to the leaf, the leaf's own most often.
            guard leaf.count > fixed else { return nil }
            let depth = random.below(3) > 0 ? leaf.count - 1 : fixed + random.below(leaf.count - fixed)
            let way = Array(leaf[..<depth])
            guard let container = value(document, way[...]) else { return nil }
            guard let (changed, name, before, after) = change(container, kind, leaf[depth], &random),
                let next = replacing(document, way[...], with: changed)
            else { return nil }
            return DocumentEdit(
                kind: kind, place: place(way + (name.map { [$0] } ?? [])), before: before, after: after, document: next)
        }
    }

    private static func change(
        _ container: PyValue, _ kind: EditKind, _ step: DocumentStep, _ random: inout SplitMix64
    ) -> (PyValue, DocumentStep?, String, String)? {
        switch (container, step) {
        case (.dict(var dict), .key(let key)):
            switch kind {
            case .missing:
                let old = dict[key] ?? .none
                dict[key] = nil
                return (.dict(dict), step, short(old), "missing")
            case .extra:
                dict[PyString("edited_\(random.below(100))")] = 1
                return (.dict(dict), nil, "", "a key more")
            default:
                guard dict.count > 1 else { return nil }
                var pairs = dict.map { ($0.key, $0.value) }
                let first = random.below(pairs.count)
                let second = (first + 1 + random.below(pairs.count - 1)) % pairs.count
                pairs.swapAt(first, second)
                return (.dict(PyDict(pairs)), nil, "", "\(pairs[first].0) and \(pairs[second].0) swapped")
            }
        case (.list(var items), .index(let index)):
            switch kind {
            case .missing:
                let old = items.remove(at: index)
                return (.list(items), nil, short(old), "missing")
            case .extra:
                items.insert(items[index], at: index)
                return (.list(items), nil, "", "twice: \(short(items[index]))")
            default:
                let others = items.indices.filter { items[$0] != items[index] }
                guard let second = random.pick(others) else { return nil }
                items.swapAt(index, second)
                return (.list(items), nil, "", "elements \(index) and \(second) swapped")
            }
        default: return nil
        }
    }

    static func value(_ document: PyValue, _ path: ArraySlice<DocumentStep>) -> PyValue? {
        guard let first = path.first else { return document }
        switch (document, first) {
        case (.dict(let dict), .key(let key)): return dict[key].flatMap { value($0, path.dropFirst()) }
        case (.list(let items), .index(let index)):
            return items.indices.contains(index) ? value(items[index], path.dropFirst()) : nil
        default: return nil
        }
    }

    private static func replacing(
        _ document: PyValue, _ path: ArraySlice<DocumentStep>, with next: PyValue
    ) -> PyValue? {
        guard let first = path.first else { return next }
        switch (document, first) {
        case (.dict(var dict), .key(let key)):
            guard let old = dict[key], let value = replacing(old, path.dropFirst(), with: next) else { return nil }
            dict[key] = .some(value)
            return .dict(dict)
        case (.list(var items), .index(let index)):
            guard let value = replacing(items[index], path.dropFirst(), with: next) else { return nil }
            items[index] = value
            return .list(items)
        default: return nil
        }
    }

    static func short(_ value: PyValue) -> String {
        let text = ParityText.json(value)
        return text.count <= 120 ? text : text.prefix(110) + "…"
    }
}
