import Comparison
import HTTPService
import PythonSemantics

/// An answer on its way between front and candidate: `{status, headers: [[name, value]], text | hex, now}`.
struct ShadowObservation: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    /// When it came, unix seconds.
    var now: Double

    init(status: Int, headers: [(name: String, value: String)], body: [UInt8], now: Double) {
        self.status = status
        self.headers = headers
        self.body = body
        self.now = now
    }

    var value: PyValue {
        var dict: PyDict = [
            "status": .int(status), "headers": Self.value(headers: headers), "now": .float(now),
        ]
        if let text = String(validating: body, as: UTF8.self) {
            dict["text"] = .string(PyString(text))
        } else {
            dict["hex"] = .string(PyString(body.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()))
        }
        return .dict(dict)
    }

    static func value(headers: [(name: String, value: String)]) -> PyValue {
        .list(headers.map { .list([.string(PyString($0.name)), .string(PyString($0.value))]) })
    }

    static func headers(_ value: PyValue?) -> [(String, String)] {
        (value?.asList ?? []).compactMap { pair in
            guard let parts = pair.asList, parts.count == 2 else { return nil }
            return (parts[0].pyStr, parts[1].pyStr)
        }
    }

    /// As the comparison takes it.
    static func timed(_ value: PyValue) -> AnswerRounds.Timed {
        let body: AnswerObservation.Body
        if let text = value["text"]?.asString {
            body = .text(text.description)
        } else {
            body = .hex((value["hex"] ?? .string("")).pyStr)
        }
        return AnswerRounds.Timed(
            AnswerObservation(
                status: value["status"]?.asInt, headers: headers(value["headers"]).map { (name: $0.0, value: $0.1) },
                body: body),
            now: value["now"]?.asDouble ?? 0)
    }
}

extension ServiceResponse {
    /// All of its body, of at most so many bytes; nil when it is longer.
    func collect(limit: Int) async throws -> [UInt8]? {
        switch body {
        case .bytes(let bytes): return bytes.count <= limit ? bytes : nil
        case .stream(let produce):
            let copy = BodyCopy(limit: limit)
            try await produce(ResponseBodyWriter { piece in copy.add(piece) })
            return copy.bytes
        }
    }
}
