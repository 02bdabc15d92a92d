import PythonSemantics

/// An answer with its body read once.
package struct PreparedAnswer: Sendable {
    package var answer: AnswerObservation
    /// The body as text; `hex:…` of one that is not UTF-8.
    package var text: String
    /// The body's JSON document; nil when it is none.
    package var document: PyValue?

    package init(_ answer: AnswerObservation) {
        self.answer = answer
        switch answer.body {
        case .text(let text):
            self.text = text
            let isJSON = answer.header("Content-Type")?.contains("json") ?? false
            if isJSON || text.hasPrefix("{") || text.hasPrefix("[") { document = ParityText.parse(text) }
        case .hex(let text): self.text = "hex:" + text
        case .none: text = ""
        }
    }

    package var isPage: Bool { answer.header("Content-Type")?.hasPrefix("text/html") ?? false }
}
