import Foundation

/// The programs whose command lines are played, and the words that start them.
enum CommandLineProgram: String, CaseIterable, Sendable {
    case improve, loop

    /// Cases are named after their program.
    init?(case id: String) {
        guard let program = Self.allCases.first(where: { id.hasPrefix($0.rawValue + "-") }) else { return nil }
        self = program
    }

    private var script: String {
        switch self {
        case .improve: "scripts/run_improvement_loop.py"
        case .loop: "scripts/unified_ai_loop.py"
        }
    }

    /// Shell command with `{args}`.
    func legacy(python: String) -> String { "\(ParityPlaces.quoted(python)) \(script) {args}" }
    var ours: String { "\(ParityPlaces.quoted(ParityPlaces.executable)) \(rawValue) {args}" }
}
