/// The code points of a ``PyString``, surrogates included.
package struct PyCodePoints: Sequence, Sendable {
    let storage: PyString.Storage

    package struct Iterator: IteratorProtocol {
        var scalars: String.UnicodeScalarView.Iterator?
        var bytes: [UInt8] = []
        var index = 0

        package mutating func next() -> UInt32? {
            if scalars != nil { return scalars?.next()?.value }
            guard index < bytes.count else { return nil }
            let (codePoint, length) = bytes.withUnsafeBufferPointer { GeneralizedUTF8.decode($0, at: index) }
            index += length
            return codePoint
        }
    }

    package func makeIterator() -> Iterator {
        switch storage {
        case .native(let string): return Iterator(scalars: string.unicodeScalars.makeIterator())
        case .surrogates(let bytes): return Iterator(scalars: nil, bytes: bytes)
        }
    }

    package var underestimatedCount: Int {
        switch storage {
        case .native(let string): return string.utf8.count / 4
        case .surrogates(let bytes): return bytes.count / 4
        }
    }
}

extension PyString {
    /// The code points in order, lone surrogates included.
    package var codePoints: PyCodePoints { PyCodePoints(storage: storage) }

    /// `len(s)`: the number of code points.
    package var count: Int { withUTF8 { GeneralizedUTF8.count($0) } }

    /// `s[index]` for an index from the start or, when negative, from the end; nil when out of range.
    package func codePoint(at index: Int) -> UInt32? {
        let all = Array(codePoints)
        let position = index < 0 ? all.count + index : index
        return all.indices.contains(position) ? all[position] : nil
    }

    /// `s[lower:upper]` with Python's clamping and negative bounds; nil is an open end.
    package func slice(_ lower: Int? = nil, _ upper: Int? = nil) -> PyString {
        let all = Array(codePoints)
        func clamp(_ bound: Int?, _ open: Int) -> Int {
            guard let bound else { return open }
            return Swift.max(0, Swift.min(all.count, bound < 0 ? all.count + bound : bound))
        }
        let start = clamp(lower, 0)
        let end = clamp(upper, all.count)
        return start < end ? PyString(codePoints: all[start..<end]) : PyString()
    }
}
