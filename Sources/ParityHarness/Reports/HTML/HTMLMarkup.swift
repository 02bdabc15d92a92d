/// Markup under construction: text goes in through ``text(_:)`` and attributes through a list, so that nothing that
/// was observed becomes markup.
struct HTMLMarkup {
    private(set) var html = ""

    /// Bytes written so far.
    var size: Int { html.utf8.count }

    mutating func text(_ text: String) { html += ReportText.escaped(text) }

    /// - Parameter tag: a literal of this program, also its attribute names.
    mutating func open(_ tag: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:]) {
        html += "<\(tag)"
        for (name, value) in attributes { html += " \(name)=\"\(ReportText.escaped(value))\"" }
        html += ">"
    }

    mutating func close(_ tag: StaticString) { html += "</\(tag)>" }

    /// An element with text in it.
    mutating func element(
        _ tag: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ content: String = ""
    ) {
        open(tag, attributes)
        text(content)
        close(tag)
    }

    /// Style and script of this program; never anything observed.
    mutating func verbatim(_ literal: String) { html += literal }

    mutating func newline() { html += "\n" }
}
