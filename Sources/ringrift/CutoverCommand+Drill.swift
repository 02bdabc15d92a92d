import Cutover
import Foundation

extension CutoverCommand {
    /// `drill`: 0 within the promise, 1 missed, 2 could not run.
    func drill(_ options: CutoverOptions) async throws -> Int32 {
        try Self.none(options)
        var settings = Drill.Settings()
        let named = try options.all("--subsystem").map { try FlagTarget.parse($0) }
        if !named.isEmpty { settings.targets = named }
        settings.connections = Int(try options.number("--connections", default: 8, in: 1...256))
        settings.rate = try options.number("--rate", default: 400, in: 1...100_000)
        settings.hold = try options.number("--hold", default: 2, in: 0.1...600)
        settings.allowsCold = options.has("--cold")
        if settings.allowsCold { settings.patience = 60 }
        let place = try await CutoverPlace.find(
            options, environment, connections: settings.connections + 1, writes: true)
        let drill = Drill(client: place.client, storage: place.storage, settings: settings, who: "drill-by-\(who)")
        do {
            let result = try await CutoverInterruption.ending { [settings] in
                try await perform(drill, place, options, settings)
            }
            await place.client.shutdown()
            return result
        } catch {
            await place.client.shutdown()
            throw error
        }
    }

    private func perform(
        _ drill: Drill, _ place: CutoverPlace, _ options: CutoverOptions, _ settings: Drill.Settings
    ) async throws -> Int32 {
        let plan = try await drill.plan()
        let isText = !options.has("--json")
        if isText {
            let names = plan.subsystems.map(\.rawValue).joined(separator: ", ")
            let title = "drill on \(place.client.address): \(names)"
            Self.print(StatusText.wrapped(title, "  ").joined(separator: "\n"))
            Self.print(
                "\(settings.connections) connections, at most \(Int(settings.rate)) requests/s: GET "
                    + plan.paths.joined(separator: " "))
        }
        let result = try await drill.perform(plan)
        if isText {
            Self.print(result.lines().joined(separator: "\n"))
        } else {
            Self.print(String(decoding: try result.json(), as: UTF8.self))
        }
        if let tree = plan.status.node?.tree, FileManager.default.fileExists(atPath: tree + "/logs/cutover") {
            let verdict =
                result.problems.isEmpty ? "within the promise" : "missed: " + result.problems.joined(separator: "; ")
            let last = result.lastSwift.map { "\(Int($0.rounded(.up))) ms after the flip" } ?? "before the flip"
            CutoverLog(tree: tree, now: { Date().timeIntervalSince1970 }).write(
                "drill by \(who): last request of swift \(last), \(result.requests) requests, \(verdict)")
        }
        return result.isWithinPromise ? 0 : 1
    }
}
