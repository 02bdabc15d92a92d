import Crypto
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
        guard case .dict(let document) = value else { throw ParityError("step \(index) is no object") }
        self.document = value
        switch document["id"] {
        case .string(let text)?: id = text.description
        case .int(let number)?: id = String(number)
        case nil: id = String(index)
        case let other?:
            throw ParityError("step \(index): 'id' is \(ScenarioFields.type(other)), not a string or a whole number")
        }
        let fields = try ScenarioFields(document, place: "step \(id)", known: Self.known)
        method = try fields.text("method")
        path = try fields.text("path") ?? ""
        if method?.isEmpty ?? false { throw fields.error("method", "is empty") }
        if method != nil, path.isEmpty { throw fields.error("path", "is missing") }
        headers = try fields.pairs("headers")
        try fields.exclusive(["body", "raw", "hex"])
        if let hex = try fields.text("hex") {
            guard let bytes = Hex.decode(hex) else { throw fields.error("hex", "is no hexadecimal text") }
            body = .hex(bytes)
        } else if let raw = try fields.pyText("raw") {
            body = .raw(raw)
        } else if let json = document["body"] {
            body = .json(json)
        }
        pad = try fields.whole("pad", in: 0...Int.max) ?? 0
        sleep = try fields.number("sleep") ?? 0
        save = try fields.pairs("save").map { ($0.name, $0.value) }
        timeout = try fields.number("timeout", positive: true) ?? 30
        port = try fields.whole("port", in: 1...65535)
    }

    /// `GET /status`, without query; empty for a pause.
    package var route: String {
        method.map { "\($0) \(path.prefix { $0 != "?" })" } ?? ""
    }

    /// The pause in front of this step, and so many seconds more, instead of the step.
    func pause(adding seconds: Double) -> Step {
        var fields = PyDict()
        fields["sleep"] = .float(sleep + seconds)
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
    /// Pairs of digits; spaces may stand between them.
    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var high: UInt8?
        for digit in text.utf8 {
            if digit == UInt8(ascii: " "), high == nil { continue }
            guard digit < 0x80, let value = Character(UnicodeScalar(digit)).hexDigitValue else { return nil }
            if let first = high {
                bytes.append(first << 4 | UInt8(value))
                high = nil
            } else {
                high = UInt8(value)
            }
        }
        return high == nil ? bytes : nil
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

extension SHA256 {
    /// The digest as 64 hexadecimal digits.
    static func hexadecimal(_ bytes: [UInt8]) -> String { Hex.encode(hash(data: bytes)) }
}
