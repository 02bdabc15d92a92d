import Comparison
import PythonSemantics

/// What an answer says when it refuses or fails.
package enum AnswerText {
    /// The texts by which an answer can be named: `error`, `reason` and `message` of a JSON object, `error` of the
    /// first row of an array, else the whole body.
    package static func texts(of answer: AnswerObservation) -> [String] {
        guard case .text(let body) = answer.body else { return [] }
        guard let value = try? PyJSON.loads(Array(body.utf8)) else { return [body] }
        switch value {
        case .dict: return ["error", "reason", "message"].compactMap { value[$0]?.asString?.description }
        case .list(let rows): return [rows.first?["error"]?.asString?.description].compactMap { $0 }
        default: return [body]
        }
    }

    /// Whether the status says success but the body does not: `success`, `granted` or `accepted` false, an `error`
    /// where nothing says success, an array of one row that is only an `error`.
    package static func refuses(_ answer: AnswerObservation) -> Bool {
        guard case .text(let body) = answer.body, let value = try? PyJSON.loads(Array(body.utf8)) else { return false }
        switch value {
        case .dict(let fields):
            let flags = ["success", "granted", "accepted"].compactMap { value[$0] }
            if flags.contains(false) { return true }
            return flags.isEmpty && fields["error"].map { $0 != .none && $0 != "" } ?? false
        case .list(let rows): return rows.count == 1 && rows[0].asDict?.count == 1 && rows[0]["error"] != nil
        default: return false
        }
    }
}
