import Foundation
import PythonSemantics

/// One request of a scenario, or a pause.
package struct Step: Sendable {
    package enum Body: Sendable {
        case json(PyValue)
        case raw(PyString)
        case hex([UInt8])
    }

    package var id: String
    /// nil: a pause.
    package var method: String?
    package var path: String
    package var headers: [(name: String, value: String)]
    package var body: Body?
    /// Spaces appended to the body.
    package var pad: Int
    /// Seconds before the request.
    package var sleep: Double
    /// Name → path into the JSON answer (`key.0.*`).
    package var save: [(name: String, path: String)]
    /// Seconds for each read of the answer.
    package var timeout: Double
    /// Another port than the node's.
    package var port: Int?
    let document: PyValue

    private static let known: Set<PyString> = [
        "id", "method", "path", "headers", "body", "raw", "hex", "pad", "sleep", "save", "timeout", "port",
    ]

    init(_ value: PyValue, index: Int) throws {
        guard case .dict(let fields) = value else { throw ParityError("step \(index) is no object") }
        if let key = fields.keys.first(where: { !Self.known.contains($0) }) {
            throw ParityError("step \(index): unknown key '\(key)'")
        }
        document = value
        id = fields["id"]?.asString?.description ?? fields["id"].map(\.description) ?? String(index)
        method = fields["method"]?.asString?.description
        path = fields["path"]?.asString?.description ?? ""
        if method != nil, path.isEmpty { throw ParityError("step \(id): 'path' is missing") }
        headers = (fields["headers"]?.asDict ?? [:]).compactMap { pair in
            pair.value.asString.map { (pair.key.description, $0.description) }
        }
        if let hex = fields["hex"]?.asString?.description {
            guard let bytes = Hex.decode(hex) else { throw ParityError("step \(id): 'hex' is no hexadecimal text") }
            body = .hex(bytes)
        } else if let raw = fields["raw"]?.asString {
            body = .raw(raw)
        } else if let json = fields["body"] {
            body = .json(json)
        }
        pad = fields["pad"]?.asInt ?? 0
        sleep = fields["sleep"]?.asDouble ?? 0
        save = (fields["save"]?.asDict ?? [:]).compactMap { pair in
            pair.value.asString.map { (pair.key.description, $0.description) }
        }
        timeout = fields["timeout"]?.asDouble ?? 30
        port = fields["port"]?.asInt
    }

    /// `GET /status`, without query; empty for a pause.
    package var route: String {
        method.map { "\($0) \(path.prefix { $0 != "?" })" } ?? ""
    }

    var pauseOnly: Step {
        var fields = PyDict()
        fields["sleep"] = .float(sleep)
        var copy = self
        copy = (try? Step(.dict(fields), index: 0)) ?? copy
        return copy
    }

    /// The fields that a recording repeats.
    var recordedRequest: PyDict {
        var request = PyDict()
        for key: PyString in ["method", "path", "headers", "body", "raw", "hex"] {
            if let value = document[key] { request[key] = value }
        }
        return request
    }
}

/// Bytes as hexadecimal text.
enum Hex {
    static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.filter { $0 != UInt8(ascii: " ") }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            guard let value = Character(UnicodeScalar(digit)).hexDigitValue else { return nil }
            if let first = high {
                bytes.append(first << 4 | UInt8(value))
                high = nil
            } else {
                high = UInt8(value)
            }
        }
        return bytes
    }

    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var out: [UInt8] = []
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }
}
