import Comparison
import Foundation
import PythonSemantics

extension ParityInputs {
    /// The rules and divergences that were named, else the project's.
    /// - Parameter commandLines: those about command lines instead of those about nodes.
    static func rules(_ options: ParityOptions, commandLines: Bool = false) throws -> [Rule] {
        try
            (rules(options, "--rules", "parity/rules.yaml", .rule)
            + rules(options, "--divergences", "parity/divergences.yaml", .divergence))
            .filter { ($0.commandLine != nil) == commandLines }
    }

    /// Log templates of the contract (where it is there), and what is declared about headers and pages.
    static func settings(_ options: ParityOptions) throws -> ComparisonSettings {
        try settings(answers: answers(options), exactTimes: options.has("--deterministic"))
    }

    /// The file of headers and pages that was named, else the project's.
    static func answers(_ options: ParityOptions) throws -> String {
        guard let named = options.text("--answers").map(ParityPlaces.absolute) else {
            return ParityPlaces.project("parity/answers.yaml")
        }
        if !FileManager.default.fileExists(atPath: named) { throw ParityError("\(named): cannot be read") }
        return named
    }

    /// - Parameter answers: path of the file of headers and pages; where there is none everything is compared.
    static func settings(answers: String, exactTimes: Bool) throws -> ComparisonSettings {
        var settings = ComparisonSettings(exactTimes: exactTimes)
        if let data = FileManager.default.contents(atPath: ParityPlaces.project("docs/contract/data/logs.json")) {
            settings.logTemplates = LogTemplates(try PyJSON.loads(Array(data)), script: "p2p_orchestrator")
        }
        if let data = FileManager.default.contents(atPath: answers) {
            let file = try AnswerFile(String(decoding: data, as: UTF8.self), name: answers)
            (settings.headers, settings.pages) = (file.headers, file.pages)
        }
        return settings
    }
}
