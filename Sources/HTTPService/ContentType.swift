/// The one question the server asks a Content-Type.
enum ContentType {
    /// The `charset` parameter, without quotes; nil when there is none.
    static func charset(of value: String) -> String? {
        for parameter in value.split(separator: ";").dropFirst() {
            guard let equals = parameter.firstIndex(of: "=") else { continue }
            guard trimmed(parameter[..<equals]).lowercased() == "charset" else { continue }
            var text = trimmed(parameter[parameter.index(after: equals)...])
            if text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") { text = text.dropFirst().dropLast() }
            return text.isEmpty ? nil : String(text)
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
