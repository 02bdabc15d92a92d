/// `%(name)s` in help texts.
enum ArgparseTemplate {
    /// `template % values` for `%(name)s`, `%(name)r`, `%(name)d` and `%%`.
    static func expand(_ template: String, _ values: [String: ArgValue]) -> String {
        var out = ""
        var rest = Substring(template).unicodeScalars
        while let scalar = rest.popFirst() {
            guard scalar == "%" else {
                out.unicodeScalars.append(scalar)
                continue
            }
            if rest.first == "%" {
                rest.removeFirst()
                out.unicodeScalars.append("%")
                continue
            }
            guard rest.popFirst() == "(", let close = rest.firstIndex(of: ")") else {
                preconditionFailure("A % in a help text must start %(name)s; write %% for a percent sign: \(template)")
            }
            let name = String(rest[..<close])
            rest = rest[rest.index(after: close)...]
            guard let value = values[name], let conversion = rest.popFirst() else {
                preconditionFailure("Unknown name or missing conversion after %(\(name)) in a help text: \(template)")
            }
            switch conversion {
            case "s", "d": out += value.pyStr
            case "r": out += value.pyRepr
            default: preconditionFailure("Only s, d and r may follow %(\(name)) in a help text: \(template)")
            }
        }
        return out
    }
}
