import Cutover
import Foundation

/// Which node and which flags file a command is about.
struct CutoverPlace {
    static let defaultAddress = "http://127.0.0.1:8770"

    let client: NodeClient
    let storage: FlagFileStorage
    /// What the node said at first.
    let answer: NodeClient.Answer

    /// The node's own file when it says which one it follows and runs on this machine; `--file` wins.
    /// - Throws: when the file would be on another machine.
    static func find(
        _ options: CutoverOptions, _ environment: [String: String], connections: Int = 2, writes: Bool
    ) async throws(CutoverOptions.Misuse) -> CutoverPlace {
        let address = options.value("--node") ?? defaultAddress
        guard NodeClient.isAddress(address) else {
            throw CutoverOptions.Misuse(description: "--node \(FlagAlarm.printable(address)): not http://HOST:PORT")
        }
        let client = NodeClient(address: address, connections: connections)
        let answer = await client.status()
        var path =
            environment["RINGRIFT_AI_SERVICE"].flatMap { $0.isEmpty ? nil : $0 }
            .map { FlagFileStorage.path(environment: environment, tree: $0) }
            ?? FlagFileStorage.path(environment: environment, tree: FileManager.default.currentDirectoryPath)
        if let file = options.value("--file") {
            path = file
        } else if client.isLoopback {
            if case .status(let status) = answer { path = status.flags.path }
        } else if writes {
            await client.shutdown()
            throw CutoverOptions.Misuse(
                description: "the flags of \(address) are edited on its machine: run this there, or name the file "
                    + "with --file")
        }
        return CutoverPlace(client: client, storage: FlagFileStorage(path: path), answer: answer)
    }

    /// The table in force, or of the file alone where nobody says.
    func table(_ environment: [String: String]) -> CutoverStatus {
        if case .status(let status) = answer { return status }
        return Self.fileAlone(storage.path)
    }

    /// The flags file by itself; the environment of a node is its own, and nobody here knows it.
    static func fileAlone(_ path: String) -> CutoverStatus {
        let store = store(path)
        return CutoverStatus(flags: store, serving: nil, now: Date().timeIntervalSince1970)
    }

    /// Reads it, its last good content included, and changes nothing.
    static func store(_ path: String) -> FlagStore {
        // A file that is not there and is not named is none: an alarm is for one that was.
        let isThere = FileManager.default.fileExists(atPath: path)
        let folder = (path as NSString).deletingLastPathComponent
        let isStandard = path.hasSuffix("/logs/cutover/flags.env")
        let tree = isStandard ? String(path.dropLast("/logs/cutover/flags.env".count)) : folder
        return FlagStore(
            environment: isStandard && !isThere ? [:] : [FlagFile.pathVariable: path], tree: tree,
            now: { Date().timeIntervalSince1970 }, onEvent: { _ in })
    }
}
