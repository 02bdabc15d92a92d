import PythonSemantics

/// Lines of the Prometheus text format as the legacy writes them: names with the prefix `ringrift_`, label values as
/// they are.
package struct PrometheusPage: Sendable {
    package private(set) var lines: [PyString] = []

    package init() {}

    /// Type of a family.
    enum Kind: String { case gauge, counter }

    typealias Labels = KeyValuePairs<String, PyString>

    /// The two lines before a family.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        lines.append(PyString("# HELP ringrift_\(name) \(help)"))
        lines.append(PyString("# TYPE ringrift_\(name) \(kind.rawValue)"))
    }

    mutating func sample(_ name: String, _ labels: Labels, text value: PyString) {
        var line = PyString("ringrift_" + name)
        if !labels.isEmpty {
            let texts = labels.map { PyString($0.key + "=\"") + $0.value + "\"" }
            line += "{" + PyString.join(texts, separator: ",") + "}"
        }
        lines.append(line + " " + value)
    }

    /// As `str(value)` writes it.
    mutating func sample(_ name: String, _ labels: Labels, _ value: PyValue) {
        sample(name, labels, text: value.pyString)
    }

    /// One family with its only sample.
    mutating func gauge(_ name: String, _ help: String, _ value: PyValue) {
        family(name, .gauge, help)
        sample(name, [:], value)
    }

    /// One family with its only sample.
    mutating func counter(_ name: String, _ help: String, _ value: PyValue) {
        family(name, .counter, help)
        sample(name, [:], value)
    }

    mutating func append(_ line: PyString) { lines.append(line) }

    /// `lines.insert(-distance, line)`: at the top when there are not that many lines, or the distance is zero.
    mutating func insert(_ line: PyString, fromEnd distance: Int) {
        lines.insert(line, at: distance == 0 ? 0 : max(0, lines.count - distance))
    }

    /// A part whose exception ends it, with the lines it has by then.
    mutating func attempt(_ body: (inout PrometheusPage) throws(PyException) -> Void) {
        do throws(PyException) { try body(&self) } catch { return }
    }

    /// The page.
    /// - Throws: `UnicodeEncodeError` for a lone surrogate.
    package func text() throws(PyException) -> [UInt8] {
        try (PyString.join(lines, separator: "\n") + "\n").encodeUTF8()
    }
}

/// Board and players of a configuration's name, as labels; nil for a name without `_`.
struct ConfigurationLabels {
    let board: PyString
    let players: PyString

    init?(_ name: PyString) {
        guard let parts = name.splitLast("_") else { return nil }
        board = parts.before
        players = parts.after.replacing("p", with: "")
    }

    var labels: PrometheusPage.Labels { ["board_type": board, "num_players": players] }
}
