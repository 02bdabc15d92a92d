import Comparison
import Foundation
import PythonSemantics

/// `ringrift parity coverage`: which answers that the contract names are shown by a recorded step.
struct CoverageCommand {
    static let options: [ParityOptions.Option] = [
        .init(name: "--file", value: "FILE", help: "the claims (default: parity/coverage.yaml)"),
        .init(
            name: "--routes", value: "FILE", help: "the routes (default: docs/contract/data/routes.json)"),
        .init(
            name: "--recordings", value: "DIR",
            help: "recordings (again for more; default: parity/recordings)"),
        .init(name: "--json", value: "FILE", help: "write the result as JSON, too"),
        ParityOptions.helpFlag,
    ]

    let file: CoverageFile
    let routes: [CoverageRoute]
    let recordings: [String]
    let json: String?

    /// - Throws: ``ParityError`` when an input cannot be used.
    init(_ options: ParityOptions) throws {
        file = try CoverageFile(
            contentsOf: options.text("--file").map(ParityPlaces.absolute)
                ?? ParityPlaces.project("parity/coverage.yaml"))
        routes = try CoverageRoute.list(
            contentsOf: options.text("--routes").map(ParityPlaces.absolute)
                ?? ParityPlaces.project("docs/contract/data/routes.json"))
        let named = options.all("--recordings").map(ParityPlaces.absolute)
        recordings = named.isEmpty ? [ParityPlaces.project("parity/recordings")] : named
        for directory in recordings where !FileManager.default.fileExists(atPath: directory) {
            throw ParityError("\(directory): no recordings there")
        }
        json = options.text("--json")
    }

    /// - Returns: 0 every claim holds and no route is missing, 1 otherwise.
    func run() throws -> Int32 {
        let coverage = Coverage(file, routes: routes, runs: try runs())
        FileHandle.standardOutput.write(Data(CoverageReport.text(coverage).utf8))
        if let json {
            let text = try PyJSON.dumps(CoverageReport.value(coverage), indent: 1)
            do {
                try Data(text + [UInt8(ascii: "\n")]).write(to: URL(fileURLWithPath: json))
            } catch {
                throw ParityError("\(json): cannot be written")
            }
        }
        return coverage.failures.isEmpty ? 0 : 1
    }

    /// The recordings of every scenario that the file names; of one that several directories have the first counts.
    private func runs() throws -> [RunObservation] {
        var names: Set<String> = []
        let claims = file.routes.flatMap { [$0.success] + ($0.named + $0.beyond).map(\.evidence) }
        for case .step(let step) in claims + file.everywhere.map(\.evidence) { names.insert(step.scenario) }
        return try names.sorted().flatMap { name in
            for directory in recordings {
                let found = try RecordingSet(directory: directory).references(of: name)
                if !found.isEmpty { return found }
            }
            return []
        }
    }
}

extension CoverageFile {
    /// The project's own; nil where there is none, as in an installation.
    /// - Throws: ``ParityError`` when it cannot be used.
    static func ofProject() throws -> CoverageFile? {
        let path = ParityPlaces.project("parity/coverage.yaml")
        return FileManager.default.fileExists(atPath: path) ? try CoverageFile(contentsOf: path) : nil
    }
}
