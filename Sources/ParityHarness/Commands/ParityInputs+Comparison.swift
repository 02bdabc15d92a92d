import Comparison
import Foundation
import PythonSemantics

extension ParityInputs {
    /// The rules and divergences that were named, else the project's.
    static func rules(_ options: ParityOptions) throws -> [Rule] {
        try rules(options, "--rules", "parity/rules.yaml", .rule)
            + rules(options, "--divergences", "parity/divergences.yaml", .divergence)
    }

    /// Log templates of the contract (where it is there) and the pages that the rule file declares.
    static func settings(_ options: ParityOptions) throws -> ComparisonSettings {
        var settings = ComparisonSettings(exactTimes: options.has("--deterministic"))
        if let data = FileManager.default.contents(atPath: ParityPlaces.project("docs/contract/data/logs.json")) {
            settings.logTemplates = LogTemplates(try PyJSON.loads(Array(data)), script: "p2p_orchestrator")
        }
        let path = options.text("--rules").map(ParityPlaces.absolute) ?? ParityPlaces.project("parity/rules.yaml")
        if let data = FileManager.default.contents(atPath: path) {
            settings.pages = try ComparisonSettings.pages(String(decoding: data, as: UTF8.self), name: path)
        }
        return settings
    }
}
