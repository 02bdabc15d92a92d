import Cutover
import Foundation

/// `ringrift cutover …`: which side serves each subsystem, seen and changed.
struct CutoverCommand: Sendable {
    static let usage = """
        usage: ringrift cutover status   [--json]
               ringrift cutover set      SUBSYSTEM=MODE ... [--reason TEXT] [--wait S]
               ringrift cutover unset    SUBSYSTEM ...      [--reason TEXT] [--wait S]
               ringrift cutover rollback [SUBSYSTEM ...]    [--reason TEXT] [--wait S]
               ringrift cutover release  [--reason TEXT] [--wait S]
               ringrift cutover drill    [--subsystem NAME ...] [--json]
               ringrift cutover history  [--json]

        status    who serves what, who decided, what comparing has shown
        set       edit the flags file; modes: legacy, shadow, live, swift;
                  SUBSYSTEM is all, p2p, p2p.leadership, ...
        unset     take a switch out of the file
        rollback  back to legacy: everything (RINGRIFT_ROLLBACK=1), or what is named
        release   end a rollback of everything
        drill     rehearse a rollback under load, measure it, put the flags back
        history   who changed the flags, when and why; the newest last

        options:
          --node URL     the node (http://127.0.0.1:8770)
          --file FILE    the flags file, instead of the node's own
          --reason TEXT  goes into the file, too
          --wait S       seconds until the node serves so (10); 0 looks once
          --json         for programs
        drill only:
          --subsystem NAME   again for more (all of p2p that is on swift)
          --connections N    (8)          --rate N   requests a second (400)
          --hold S           seconds on legacy (2)
          --cold             also when no worker is ready: nothing is promised

        Exit status: status 0; set, unset, rollback, release 0 in force (or no node
        runs), 1 written and not in force; drill 0 within 250 ms, none failed, lost or
        doubled, 1 missed; all 2 wrong usage or could not run.
        """

    let environment: [String: String]

    /// - Parameter arguments: what follows `ringrift cutover`.
    func run(_ arguments: [String]) async -> Int32 {
        guard let command = arguments.first, !arguments.contains(where: { ["-h", "--help"].contains($0) }) else {
            guard arguments.isEmpty else {
                Self.print(Self.usage)
                return 0
            }
            Self.complain(Self.usage)
            return 2
        }
        do {
            return try await run(command, Array(arguments.dropFirst()))
        } catch let refusal as FlagRefusal {
            Self.complain("ringrift cutover: \(refusal)")
        } catch {
            for line in StatusText.wrapped("ringrift cutover: \(error)", "  ") { Self.complain(line) }
        }
        return 2
    }

    private func run(_ command: String, _ arguments: [String]) async throws -> Int32 {
        let place = ["--node", "--file"]
        let change = place + ["--reason", "--wait"]
        switch command {
        case "status":
            return try await status(CutoverOptions(arguments, valued: place, plain: ["--json"]))
        case "history":
            return try await history(CutoverOptions(arguments, valued: place, plain: ["--json"]))
        case "set", "unset", "rollback", "release":
            return try await self.change(command, CutoverOptions(arguments, valued: change, plain: []))
        case "drill":
            return try await drill(
                CutoverOptions(
                    arguments, valued: place + ["--subsystem", "--connections", "--rate", "--hold"],
                    plain: ["--json", "--cold"]))
        default:
            throw CutoverOptions.Misuse(
                description: "unknown command '\(FlagAlarm.printable(command))': status, set, unset, rollback, "
                    + "release, drill or history")
        }
    }

    // MARK: looking

    private func status(_ options: CutoverOptions) async throws -> Int32 {
        try Self.none(options)
        let place = try await CutoverPlace.find(options, environment, writes: false)
        await place.client.shutdown()
        var status = place.table(environment)
        if options.value("--file") != nil { status = CutoverPlace.fileAlone(place.storage.path) }
        if options.has("--json") {
            Self.print(String(decoding: try status.json(pretty: true), as: UTF8.self))
            return 0
        }
        if options.value("--file") == nil { Self.explain(place) }
        Self.print(StatusText(colour: Self.colour).lines(status, address: place.client.address).joined(separator: "\n"))
        return 0
    }

    /// Why a status is the flags file's alone.
    private static func explain(_ place: CutoverPlace) {
        let lines: [String]
        switch place.answer {
        case .status: return
        case .notAFront(let reason):
            lines = StatusText.wrapped(
                "\(place.client.address) answers, but it is no front (\(reason)): a node that was started with "
                    + "everything on legacy is the old program and nothing of ours. Below: the flags file alone.", "  ")
        case .unreachable(let reason):
            lines = StatusText.wrapped(
                "no node at \(place.client.address) (\(reason)). Below: the flags file alone.", "  ")
        }
        Self.print(lines.joined(separator: "\n"))
    }

    private func history(_ options: CutoverOptions) async throws -> Int32 {
        try Self.none(options)
        let place = try await CutoverPlace.find(options, environment, writes: true)
        await place.client.shutdown()
        let notes = CutoverPlace.store(place.storage.path).file.history
        if options.has("--json") {
            let bytes = try CutoverStatus.encoder(pretty: true).encode(notes.map(HistoryText.Entry.init))
            Self.print(String(decoding: bytes, as: UTF8.self))
        } else {
            Self.print(HistoryText().lines(notes).joined(separator: "\n"))
        }
        return 0
    }

    // MARK: output

    static func none(_ options: CutoverOptions) throws(CutoverOptions.Misuse) {
        guard let first = options.operands.first else { return }
        throw CutoverOptions.Misuse(description: "unexpected argument \(FlagAlarm.printable(first))")
    }

    static func print(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

    static func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    /// Where people read, unless they ask for none.
    static var colour: Bool { isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil }

    /// Who gives the command.
    var who: String {
        for name in ["SUDO_USER", "USER", "LOGNAME"] {
            if let value = environment[name], !value.isEmpty { return value }
        }
        guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else { return "uid-\(getuid())" }
        return String(cString: name)
    }
}
