import PythonSemantics

// How the values of effects are written to a journal: plain JSON-like values, so that a journal can be kept as text.

extension PyValue {
    static func text(_ text: String) -> PyValue { .string(PyString(text)) }

    /// Bytes as one character each (Latin-1), readable when they are ASCII.
    static func bytes(_ bytes: [UInt8]) -> PyValue { .string(PyString(codePoints: bytes.map(UInt32.init))) }

    var asText: String? { if case .string(let value) = self { value.description } else { nil } }
    var journalList: [PyValue] { if case .list(let values) = self { values } else { [] } }
    var journalBytes: [UInt8] {
        if case .string(let value) = self { value.codePoints.map { UInt8(truncatingIfNeeded: $0) } } else { [] }
    }
}

extension PyException {
    var asJournalValue: PyValue {
        .dict(["!exception": .text(type), "message": .text(message), "module": module.map { .text($0) } ?? .none])
    }

    init?(journalValue: PyValue) {
        guard case .dict(let fields) = journalValue, let type = fields["!exception"]?.asText else { return nil }
        self.init(type: type, message: fields["message"]?.asText ?? "", module: fields["module"]?.asText)
    }
}

extension FileSystemUsage {
    var asJournalValue: PyValue {
        .list([.int(Int(clamping: blocks)), .int(Int(clamping: free)), .int(Int(clamping: available))])
    }

    init?(journalValue: PyValue) {
        let numbers = journalValue.journalList.compactMap(\.asInt)
        guard numbers.count == 3 else { return nil }
        self.init(
            blocks: UInt64(clamping: numbers[0]), free: UInt64(clamping: numbers[1]),
            available: UInt64(clamping: numbers[2]))
    }
}

extension ProcessRequest {
    var asJournalValue: PyValue {
        .list([.list(arguments.map { .text($0) }), directory.map { .text($0) } ?? .none, .float(timeout)])
    }
}

extension ChildRequest {
    var asJournalValue: PyValue {
        let names = environment.keys.sorted()
        return .list([
            .list(arguments), .string(directory),
            .list(names.map { .list([.text($0), .string(environment[$0] ?? "")]) }), .string(log), .bool(appendsToLog),
        ])
    }
}

extension ProcessOutcome {
    var asJournalValue: PyValue {
        switch self {
        case .exited(let status, let output, let errorOutput):
            .list([.int(Int(status)), .text(output), .text(errorOutput)])
        case .notStarted(let reason): .list([.text(reason)])
        case .timedOut: .list([])
        }
    }

    init(journalValue: PyValue) {
        let parts = journalValue.journalList
        if parts.count == 3, let status = parts[0].asInt {
            self = .exited(
                status: Int32(truncatingIfNeeded: status), output: parts[1].asText ?? "",
                errorOutput: parts[2].asText ?? "")
        } else if journalValue == .list([]) {
            self = .timedOut
        } else {
            self = .notStarted(parts.first?.asText ?? "not recorded")
        }
    }
}

extension PeerRequest {
    var asJournalValue: PyValue {
        let names = headers.keys.sorted()
        return .list([
            .text(method), .text(url), .list(names.map { .list([.text($0), .text(headers[$0] ?? "")]) }),
            body.map { .bytes($0) } ?? .none, .float(timeout),
        ])
    }
}

extension PeerResponse {
    var asJournalValue: PyValue { .list([.int(status), .text(contentType), .bytes(body)]) }

    init(journalValue: PyValue) {
        let parts = journalValue.journalList
        self.init(
            status: parts.first?.asInt ?? 0, contentType: parts.dropFirst().first?.asText ?? "",
            body: parts.dropFirst(2).first?.journalBytes ?? [])
    }
}

extension SQLStatement {
    var asJournalValue: PyValue { .list([.text(sql), .list(values)]) }
}

extension [SQLRows] {
    var asJournalValue: PyValue { .list(map { rows in .list(rows.map { .list($0) }) }) }
}
