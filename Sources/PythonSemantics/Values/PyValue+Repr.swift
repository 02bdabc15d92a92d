import BigInt

extension PyValue {
    /// `repr(x)`.
    package var pyRepr: String {
        var out: [UInt8] = []
        appendRepr(to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// `str(x)`: as `repr`, but a str is itself (a lone surrogate becomes U+FFFD; see ``pyString``).
    package var pyStr: String {
        if case .string(let text) = self { return text.description }
        return pyRepr
    }

    /// `str(x)` with surrogates kept.
    package var pyString: PyString {
        if case .string(let text) = self { return text }
        return PyString(pyRepr)
    }

    private func appendRepr(to out: inout [UInt8]) {
        switch self {
        case .none: out.append(contentsOf: "None".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "True" : "False").utf8)
        case .int(let value): out.append(contentsOf: String(value).utf8)
        case .bigInt(let value): out.append(contentsOf: String(value).utf8)
        case .float(let value): out.append(contentsOf: PyNumber.repr(value).utf8)
        case .string(let text): out.append(contentsOf: text.reprBytes)
        case .list(let items):
            out.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { out.append(contentsOf: ", ".utf8) }
                item.appendRepr(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .dict(let dict):
            out.append(UInt8(ascii: "{"))
            var isFirst = true
            for (key, value) in dict {
                if !isFirst { out.append(contentsOf: ", ".utf8) }
                isFirst = false
                out.append(contentsOf: key.reprBytes)
                out.append(contentsOf: ": ".utf8)
                value.appendRepr(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }
}
