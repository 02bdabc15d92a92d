import Comparison
import Foundation

/// Which recordings a self-test edits, and which it compares them with.
struct SelfTestCorpus: Sendable {
    /// Folders of references.
    let takes: [String]
    /// Folder of what is edited; nil: of each scenario the last of the takes.
    let candidate: String?
    /// Scenarios that are asked for.
    let names: [String]

    /// Recordings as `replay` names them (`--scenarios`, `--recordings`), or references as `compare` does.
    init(_ options: ParityOptions) throws {
        let folders = try ParityInputs.folders(options)
        var takes = CompareCommand.references(options)
        if takes.isEmpty { takes = RecordingSet(directory: folders.recordings).takes.filter(Self.holdsRecordings) }
        guard takes.count > 1 else {
            throw ParityError("\(folders.recordings): two recordings or more are needed")
        }
        candidate = options.text("--candidate").map { named in
            takes.first { $0.hasSuffix("/" + named) } ?? ParityPlaces.absolute(named)
        }
        let edited = candidate
        self.takes = takes.filter { $0 != edited }
        var names = Set(try ([candidate].compactMap { $0 } + self.takes).flatMap(CompareCommand.scenarios))
        if options.has("--scenarios") { names.formIntersection(try ParityInputs.scenarios(options).map(\.name)) }
        let (only, without) = (options.all("--only").map(Glob.init), options.all("--without").map(Glob.init))
        self.names = names.filter { name in
            (only.isEmpty || only.contains { $0.matches(name) }) && !without.contains { $0.matches(name) }
        }.sorted()
    }

    private static func holdsRecordings(_ path: String) -> Bool {
        ((try? CompareCommand.scenarios(in: path)) ?? []).isEmpty == false
    }

    /// What is edited and its references, all of the same steps; nil where there are not two references.
    func recordings(of name: String) throws -> (run: RunObservation, references: [RunObservation])? {
        func read(_ folder: String) throws -> RunObservation? {
            let prefix = "\(folder)/\(name)"
            guard FileManager.default.fileExists(atPath: prefix + ".jsonl") else { return nil }
            return try RecordingReader.read(prefix: prefix)
        }
        let all = try takes.compactMap(read)
        let usual = PreparedReferences.usualOutline(all)
        var references = all.filter { $0.outline == usual }
        let run: RunObservation?
        if let candidate {
            run = try read(candidate)
        } else {
            run = references.popLast()
        }
        guard let run, run.outline == usual, references.count > 1 else { return nil }
        return (run, references)
    }
}
