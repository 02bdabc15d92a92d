import Foundation

/// What an operator is told of a node and its cutover: the body of `GET /cutover/status`, and all that page, metrics and
/// terminal show. Times are unix seconds.
package struct CutoverStatus: Sendable, Equatable, Codable {
    package static let currentFormat = 1

    /// The process that answers.
    package struct Node: Sendable, Equatable, Codable {
        package var id: String
        package var pid: Int32
        package var program: Program
        /// `front`; a node of the pure shape has no status.
        package var shape: String
        /// The directory it works in.
        package var tree: String
        package var started: Double
        /// The tree of the legacy that serves what is not native; nil: there is none.
        package var legacy: String?
        /// That tree is the bundled test double.
        package var isDouble: Bool

        package init(
            id: String, pid: Int32, program: Program = .p2p, shape: String = "front", tree: String, started: Double,
            legacy: String?, isDouble: Bool = false
        ) {
            self.id = id
            self.pid = pid
            self.program = program
            self.shape = shape
            self.tree = tree
            self.started = started
            self.legacy = legacy
            self.isDouble = isDouble
        }
    }

    /// The worker that a rollback goes to.
    package struct Standby: Sendable, Equatable, Codable {
        package enum State: String, Sendable, Codable, CaseIterable {
            /// There is none: no legacy tree, or `RINGRIFT_STANDBY=off`.
            case absent
            /// Not started yet (cold).
            case idle
            case starting, ready
            /// Dead; it is started again after a pause.
            case waiting
            case stopped
        }

        /// `RINGRIFT_STANDBY`: warm, wait, cold, off.
        package var kind: String
        package var state: State
        package var pid: Int32?
        /// Why it ended.
        package var reason: String?
        /// The pause before the next start.
        package var seconds: Double?

        package init(
            kind: String, state: State, pid: Int32? = nil, reason: String? = nil, seconds: Double? = nil
        ) {
            self.kind = kind
            self.state = state
            self.pid = pid
            self.reason = reason
            self.seconds = seconds
        }
    }

    package struct Alarm: Sendable, Equatable, Codable {
        package var text: String
        package var first: Double
        package var last: Double
        package var count: Int
        package var isActive: Bool
    }

    package struct Flags: Sendable, Equatable, Codable {
        /// Absolute.
        package var path: String
        /// absent, good, missing, empty, unreadable
        package var condition: String
        package var detail: String?
        /// ``FlagFile/revision`` of the content in force.
        package var revision: String?
        package var isRolledBack: Bool
        package var alarms: [Alarm]
        package var reads: Int
        package var changes: Int
        package var raised: Int
        package var held: Int
        package var writes: Int
        package var failedWrites: Int
        /// Demotions in force that are not on the disk yet.
        package var unwritten: Int
    }

    /// Who decided, where the flags file does.
    package struct Decision: Sendable, Equatable, Codable {
        package var time: Double
        package var who: String
        package var reason: String
    }

    package struct Row: Sendable, Equatable, Codable {
        package var subsystem: Subsystem
        /// What serves now.
        package var mode: Mode
        /// What the flags say; another than `mode` while a change waits for a worker.
        package var wanted: Mode
        /// Why `mode`: `default`, a variable, `flags.env: ` and a variable.
        package var source: String
        /// Nil for the subsystems of other programs.
        package var since: Double?
        package var decision: Decision?
        /// GET and other routes with native code, of all its routes; nil for other programs.
        package var nativeRoutes: Int?
        package var routes: Int?
        package var swift: ServingLedger.Answers?
        package var legacy: ServingLedger.Answers?
        package var comparison: ComparisonFigures
    }

    package var format = Self.currentFormat
    package var time: Double
    /// Nil: no node was asked, this is the flags file alone.
    package var node: Node?
    package var standby: Standby?
    package var flags: Flags
    /// A change of modes is being carried out.
    package var isChanging: Bool
    /// All 22, in the order of their declaration.
    package var subsystems: [Row]
    package var drill: DrillLedger.Count?

    package func row(_ subsystem: Subsystem) -> Row? { subsystems.first { $0.subsystem == subsystem } }

    /// Whether everything the flags say is what serves.
    package var isInForce: Bool { !isChanging && subsystems.allSatisfy { $0.mode == $0.wanted } }

    /// JSON text, keys in alphabetical order.
    package func json(pretty: Bool = false) throws -> [UInt8] {
        Array(try Self.encoder(pretty: pretty).encode(self))
    }

    /// For everything `ringrift cutover` prints as JSON.
    package static func encoder(pretty: Bool) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return encoder
    }

    package init(json bytes: [UInt8]) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(CutoverStatus.self, from: Data(bytes))
    }
}

extension Mode: Codable {}
extension Subsystem: Codable {}
extension Program: Codable {}
