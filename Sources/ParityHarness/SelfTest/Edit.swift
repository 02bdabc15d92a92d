import Comparison

/// What an edit changes.
enum EditDimension: String, CaseIterable, Sendable {
    case json = "answer: JSON"
    case text = "answer: text"
    case status = "answer: status"
    case header = "answer: headers"
    case database = "state: SQLite"
    case file = "state: files"
    case log = "log lines"
    case spawned = "started programs"
    case exit = "exit status"
    case stop = "time to stop"

    /// How many of a hundred edits go there.
    var weight: Int {
        switch self {
        case .json: 32
        case .text: 6
        case .status: 4
        case .header: 6
        case .database: 14
        case .file: 8
        case .log: 14
        case .spawned: 10
        case .exit: 3
        case .stop: 3
        }
    }
}

enum EditKind: String, CaseIterable, Sendable {
    case value, type, order, missing, extra
}

/// One edit: where, what, and what the comparison must name.
struct Edit: Sendable {
    var dimension: EditDimension
    var kind: EditKind
    var scenario: String
    var unit: PreparedReferences.Unit
    /// Places at, above or below one of which the comparison has to report something.
    var places: [ValuePath]
    var before: String
    var after: String
}

/// What came of it.
struct EditOutcome: Sendable {
    var number: Int
    var edit: Edit
    /// The difference that names it; nil: missed.
    var found: Difference?
    /// For a missed one: the rule or noise class that hid it; nil: nobody knows.
    var hiddenBy: String?

    var isNamed: Bool { found != nil || hiddenBy != nil }
}
