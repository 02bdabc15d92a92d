extension PyNumber {
    /// The operators that order values; `==` and `!=` never fail: see `PyValue.pyEquals`.
    package enum Comparison: String, Sendable {
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="

        func holds(_ order: Order) -> Bool {
            switch self {
            case .less: return order == .less
            case .lessOrEqual: return order == .less || order == .equal
            case .greater: return order == .greater
            case .greaterOrEqual: return order == .greater || order == .equal
            }
        }
    }

    /// `left < right` and the like.
    ///
    /// - Throws: `TypeError` (`'<' not supported between instances of 'str' and 'int'`).
    package static func compare(
        _ left: PyValue, _ comparison: Comparison, _ right: PyValue
    ) throws(PyException) -> Bool {
        if let order = order(left, right) { return comparison.holds(order) }
        switch (left, right) {
        case (.string(let a), .string(let b)):
            return comparison.holds(a < b ? .less : a == b ? .equal : .greater)
        case (.list(let a), .list(let b)):
            for (x, y) in zip(a, b) where !x.equalsAsElement(y) { return try compare(x, comparison, y) }
            return comparison.holds(a.count < b.count ? .less : a.count == b.count ? .equal : .greater)
        default: throw .notOrdered(comparison.rawValue, left, right)
        }
    }

    /// `min(values)`: the first of the smallest.
    ///
    /// - Throws: `ValueError` when empty, `TypeError`.
    package static func min(_ values: [PyValue]) throws(PyException) -> PyValue {
        guard var best = values.first else { throw .valueError("min() arg is an empty sequence") }
        for value in values.dropFirst() where try compare(value, .less, best) { best = value }
        return best
    }

    /// `max(values)`: the first of the largest.
    package static func max(_ values: [PyValue]) throws(PyException) -> PyValue {
        guard var best = values.first else { throw .valueError("max() arg is an empty sequence") }
        for value in values.dropFirst() where try compare(value, .greater, best) { best = value }
        return best
    }

    /// `min(a, b)`: `a` unless `b` is smaller.
    package static func min(_ a: PyValue, _ b: PyValue) throws(PyException) -> PyValue { try min([a, b]) }

    /// `max(a, b)`: `a` unless `b` is larger.
    package static func max(_ a: PyValue, _ b: PyValue) throws(PyException) -> PyValue { try max([a, b]) }

    /// `sorted(values)`. Up to 64 values the comparisons are CPython's own, so that the first pair without an order,
    /// which the text names, is the same; above that another stable sort is used.
    package static func sorted(_ values: [PyValue]) throws(PyException) -> [PyValue] {
        guard values.count > 1 else { return values }
        var items = values
        if items.count >= 64 {
            var failure: PyException?
            items.sort { left, right in
                do throws(PyException) {
                    return try compare(left, .less, right)
                } catch {
                    failure = failure ?? error
                    return false
                }
            }
            if let failure { throw failure }
            return items
        }
        var run = try initialRun(&items)
        while run < items.count {
            let pivot = items[run]
            var low = 0
            var high = run
            while low < high {
                let middle = (low + high) / 2
                if try compare(pivot, .less, items[middle]) { high = middle } else { low = middle + 1 }
            }
            items.remove(at: run)
            items.insert(pivot, at: low)
            run += 1
        }
        return items
    }

    /// Length of the ascending run at the start; a strictly descending one is reversed.
    private static func initialRun(_ items: inout [PyValue]) throws(PyException) -> Int {
        var run = 2
        if try compare(items[1], .less, items[0]) {
            while run < items.count, try compare(items[run], .less, items[run - 1]) { run += 1 }
            items[..<run].reverse()
        } else {
            while run < items.count {
                if try compare(items[run], .less, items[run - 1]) { break }
                run += 1
            }
        }
        return run
    }
}
