import Comparison
import PythonSemantics

/// A request as a person would type it.
enum CurlLine {
    /// - Parameter limit: characters of the body that are shown.
    static func text(_ request: PyValue?, port: Int, limit: Int = 2000) -> String? {
        guard let request, let step = try? Step(request, index: 0), let method = step.method else { return nil }
        var words =
            method == "HEAD" ? ["curl", "-I"] : method == "GET" ? ["curl", "-i"] : ["curl", "-i", "-X", method]
        words.append(quoted("http://127.0.0.1:\(step.port ?? port)\(step.path)"))
        for (name, value) in step.headers { words += ["-H", quoted("\(name): \(value)")] }
        let body: String?
        switch step.body {
        case .json(let value)?: body = ParityText.json(value)
        case .raw(let text)?: body = text.description
        case .hex(let bytes)?: body = "hex " + Hex.encode(bytes)
        case nil: body = nil
        }
        if let body {
            if !step.headers.contains(where: { $0.name == "Content-Type" }) {
                words += ["-H", quoted("Content-Type: application/json")]
            }
            words += ["--data-binary", quoted(DiffSpan.shortened(body, limit))]
        }
        if step.pad > 0 { words.append("# and \(step.pad) spaces") }
        return words.joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let plain = word.unicodeScalars.allSatisfy {
            $0.isASCII
                && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_./:=@%+,".unicodeScalars.contains($0))
        }
        return plain && !word.isEmpty ? word : ParityPlaces.quoted(word)
    }
}
