import Foundation

/// Recordings of the legacy: `DIR/TAKE/ID.json`, or `DIR/ID.json` where there is but one take.
struct CommandLineRecordings: Sendable {
    let directory: String
    private let takes: [String]

    /// - Throws: ``ParityError`` when there is no such directory.
    init(directory: String) throws {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw ParityError("\(directory): no recordings there")
        }
        self.directory = directory
        takes = names.contains { $0.hasSuffix(".json") } ? [directory] : names.sorted().map { directory + "/" + $0 }
    }

    /// - Throws: ``ParityError`` when a recording exists but cannot be read.
    func references(of id: String) throws -> [CommandLineRecording] {
        try takes.map { "\($0)/\(id).json" }.filter(FileManager.default.fileExists).map {
            try CommandLineRecording(contentsOf: $0)
        }
    }
}
