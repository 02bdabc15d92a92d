import Foundation

/// The virtual environment of the legacy side, shown in every sandbox at the place where the recordings had theirs: an
/// interpreter's path is in answers, command lines and warnings.
struct SandboxVenv: Sendable {
    static let inside = "/srv/venv"

    /// Where it lies on this machine.
    let directory: String

    /// - Parameter directory: a directory with a `pyvenv.cfg`.
    init?(directory: String) {
        guard FileManager.default.fileExists(atPath: directory + "/pyvenv.cfg") else { return nil }
        self.directory = directory
    }

    /// The environment that an interpreter named in the command, else `RINGRIFT_VENV`, else the helpers' interpreter
    /// belongs to; nil when none of them is part of one.
    init?(command: String, environment: [String: String], python: String?) {
        let words = command.split(whereSeparator: { $0 == " " || $0 == "'" || $0 == "\"" }).map(String.init)
        let named = words.filter { $0.hasPrefix("/") && $0.contains("/bin/python") }.map(Self.root)
        let candidates = named + [environment["RINGRIFT_VENV"], python.map(Self.root)].compactMap { $0 }
        guard let found = candidates.compactMap({ Self(directory: $0) }).first else { return nil }
        self = found
    }

    private static func root(of interpreter: String) -> String {
        ((interpreter as NSString).deletingLastPathComponent as NSString).deletingLastPathComponent
    }

    /// A text with the place inside instead of the one on this machine.
    func inward(_ text: String) -> String {
        text == directory ? Self.inside : text.replacing(directory + "/", with: Self.inside + "/")
    }
}
