import Comparison
import PythonSemantics

/// Lays two values side by side as lines of indented JSON, or two texts line by line, and marks what the comparison
/// found to differ. What differs without being found is noise or accepted by a rule, and marked as such.
struct DiffBuilder {
    private(set) var rows: [DiffRow] = []
    private let found: Set<ValuePath>
    /// Places where only the order differs: it says nothing about the values under their keys.
    private let ordered: Set<ValuePath>
    /// Places above a difference.
    private let above: Set<ValuePath>

    /// Deeper values are one line: a body may be nested a thousand times.
    private static let deepest = 48

    init(_ differences: [Difference]) {
        found = Set(differences.map(\.path))
        ordered = Set(differences.filter { $0.kind == .order }.map(\.path))
        var above: Set<ValuePath> = []
        for path in found {
            for count in 0..<path.segments.count { above.insert(ValuePath(Array(path.segments.prefix(count)))) }
        }
        self.above = above
    }

    static func rows(_ left: PyValue?, _ right: PyValue?, at path: ValuePath, _ differences: [Difference]) -> [DiffRow]
    {
        var builder = DiffBuilder(differences)
        builder.walk(left, right, Place(path: path, inside: builder.isFound(above: path)))
        return builder.rows
    }

    static func rows(lines left: [String], _ right: [String], at path: ValuePath, _ differences: [Difference])
        -> [DiffRow]
    {
        var builder = DiffBuilder(differences)
        let inside = builder.isFound(above: path)
        let aligned = left.count == right.count ? Self.byIndex(left.count) : Alignment.pairs(left, right)
        for pair in aligned {
            let place = path.appending(pair.left ?? pair.right ?? 0)
            let (a, b) = (pair.left.map { left[$0] }, pair.right.map { right[$0] })
            builder.emit(a, b, path: place, differs: inside || builder.found.contains(place))
        }
        return builder.rows
    }

    private struct Place {
        var path: ValuePath
        /// Whether a difference was found here or above.
        var inside: Bool
        var depth = 0
        /// `"key": ` in front of the value.
        var label = ""
        var leftComma = ""
        var rightComma = ""

        var indent: String { String(repeating: "  ", count: depth) }
    }

    private static func byIndex(_ count: Int) -> [(left: Int?, right: Int?)] { (0..<count).map { ($0, $0) } }

    private func isFound(above path: ValuePath) -> Bool {
        (0...path.segments.count).contains { found.contains(ValuePath(Array(path.segments.prefix($0)))) }
    }

    private mutating func emit(_ left: String?, _ right: String?, path: ValuePath, differs: Bool) {
        // Texts are compared by their bytes; Swift's == takes canonically equal ones for equal.
        let same = left.map { Array($0.utf8) } == right.map { Array($0.utf8) }
        rows.append(DiffRow(left: left, right: right, mark: same ? .same : differs ? .differs : .accepted, path: path))
    }

    private mutating func walk(_ left: PyValue?, _ right: PyValue?, _ place: Place) {
        let (left, right) = opened(left, right, place)
        switch (left, right) {
        case (.dict(let a)?, .dict(let b)?) where place.depth < Self.deepest:
            walk(dicts: a, b, place)
        case (.list(let a)?, .list(let b)?) where place.depth < Self.deepest:
            walk(lists: a, b, place)
        case (.dict(let a)?, nil) where place.depth < Self.deepest: walk(dicts: a, nil, place)
        case (nil, .dict(let b)?) where place.depth < Self.deepest: walk(dicts: nil, b, place)
        case (.list(let a)?, nil) where place.depth < Self.deepest: walk(lists: a, nil, place)
        case (nil, .list(let b)?) where place.depth < Self.deepest: walk(lists: nil, b, place)
        case (let a?, let b?) where place.depth < Self.deepest && (Self.isContainer(a) || Self.isContainer(b)):
            // Of two kinds: one after the other.
            walk(a, nil, place)
            walk(nil, b, place)
        default: leaf(left, right, place)
        }
    }

    /// A JSON document inside a text is laid open when a difference was found in it.
    private func opened(_ left: PyValue?, _ right: PyValue?, _ place: Place) -> (PyValue?, PyValue?) {
        guard above.contains(place.path), case .string(let a)? = left, case .string(let b)? = right else {
            return (left, right)
        }
        let (one, other) = (a.description, b.description)
        if let first = ParityText.parse(one), let second = ParityText.parse(other), Self.isContainer(first) {
            return (first, second)
        }
        func lines(_ text: String) -> PyValue {
            .list(ReportText.lines(text).map { .string($0) })
        }
        return (lines(one), lines(other))
    }

    private static func isContainer(_ value: PyValue) -> Bool {
        switch value {
        case .dict(let dict): return !dict.isEmpty
        case .list(let list): return !list.isEmpty
        default: return false
        }
    }

    private mutating func leaf(_ left: PyValue?, _ right: PyValue?, _ place: Place) {
        func line(_ value: PyValue?, _ comma: String) -> String? {
            value.map { place.indent + place.label + ParityText.json($0) + comma }
        }
        let differs = place.inside || above.contains(place.path)
        if let left, let right, ParityText.json(left) == ParityText.json(right) {
            // Only the comma may differ, which says something about what follows.
            rows.append(
                DiffRow(
                    left: line(left, place.leftComma), right: line(right, place.rightComma), mark: .same,
                    path: place.path))
            return
        }
        emit(line(left, place.leftComma), line(right, place.rightComma), path: place.path, differs: differs)
    }

    private mutating func bracket(_ text: String, _ left: Bool, _ right: Bool, _ place: Place, closing: Bool) {
        let label = closing ? "" : place.label
        func line(_ present: Bool, _ comma: String) -> String? {
            present ? place.indent + label + text + (closing ? comma : "") : nil
        }
        let (a, b) = (line(left, place.leftComma), line(right, place.rightComma))
        let mark: DiffRow.Mark = left && right ? .same : place.inside ? .differs : .accepted
        rows.append(DiffRow(left: a, right: b, mark: mark, path: place.path))
    }

    private mutating func walk(dicts left: PyDict?, _ right: PyDict?, _ place: Place) {
        if (left?.isEmpty ?? true) && (right?.isEmpty ?? true) {
            return leaf(left.map(PyValue.dict), right.map(PyValue.dict), place)
        }
        bracket("{", left != nil, right != nil, place, closing: false)
        if let left, let right { order(left, right, place) }
        let (leftLast, rightLast) = (left?.keys.last, right?.keys.last)
        let inside = place.inside && !ordered.contains(place.path)
        for key in Self.keys(left, right) {
            var inner = place
            inner.path = place.path.appending(key.description)
            inner.inside = inside || found.contains(inner.path)
            inner.depth += 1
            inner.label = ParityText.json(.string(key)) + ": "
            inner.leftComma = key == leftLast ? "" : ","
            inner.rightComma = key == rightLast ? "" : ","
            walk(left?[key], right?[key], inner)
        }
        bracket("}", left != nil, right != nil, place, closing: true)
    }

    /// The keys of the left, each key that only the right has behind the one it follows there.
    private static func keys(_ left: PyDict?, _ right: PyDict?) -> [PyString] {
        guard let left else { return right?.keys ?? [] }
        guard let right else { return left.keys }
        var following: [PyString?: [PyString]] = [:]
        var previous: PyString?
        for key in right.keys {
            if left[key] == nil {
                following[previous, default: []].append(key)
            } else {
                previous = key
            }
        }
        return (following[nil] ?? []) + left.keys.flatMap { [$0] + (following[$0] ?? []) }
    }

    /// A line that names both orders of the keys, where they differ.
    private mutating func order(_ left: PyDict, _ right: PyDict, _ place: Place) {
        let mine = left.keys.filter { right[$0] != nil }
        let theirs = right.keys.filter { left[$0] != nil }
        guard let first = zip(mine, theirs).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset else {
            return
        }
        func line(_ keys: [PyString]) -> String {
            let shown = keys[first...].prefix(8).map(\.description).joined(separator: ", ")
            return place.indent + "  order of keys: " + (first > 0 ? "…, " : "") + shown
                + (keys.count - first > 8 ? ", …" : "")
        }
        emit(line(mine), line(theirs), path: place.path, differs: place.inside)
    }

    private mutating func walk(lists left: [PyValue]?, _ right: [PyValue]?, _ place: Place) {
        if (left?.isEmpty ?? true) && (right?.isEmpty ?? true) {
            return leaf(left.map(PyValue.list), right.map(PyValue.list), place)
        }
        bracket("[", left != nil, right != nil, place, closing: false)
        let (a, b) = (left ?? [], right ?? [])
        let aligned =
            a.count == b.count ? Self.byIndex(a.count) : Alignment.pairs(a.map(ParityText.json), b.map(ParityText.json))
        for pair in aligned {
            var inner = place
            inner.path = place.path.appending(pair.left ?? pair.right ?? 0)
            inner.inside = place.inside || found.contains(inner.path)
            inner.depth += 1
            inner.label = ""
            inner.leftComma = pair.left == a.count - 1 ? "" : ","
            inner.rightComma = pair.right == b.count - 1 ? "" : ","
            walk(pair.left.map { a[$0] }, pair.right.map { b[$0] }, inner)
        }
        bracket("]", left != nil, right != nil, place, closing: true)
    }
}
