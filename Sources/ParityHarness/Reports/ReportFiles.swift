import Foundation
import Glibc
import PythonSemantics

/// Where a report goes: the terminal, the files that were asked for, the store of mismatches.
struct ReportFiles {
    var json: String?
    var junit: String?
    var html: String?
    /// nil: the standard place, which may be read-only without harm.
    var store: String?
    var quiet: Bool

    init(_ options: ParityOptions) {
        json = options.text("--json")
        junit = options.text("--junit")
        html = options.text("--html")
        store = options.text("--store")
        quiet = options.has("--quiet")
    }

    /// - Throws: ``ParityError`` when a file that was asked for cannot be written; the terminal has the report then.
    func write(_ report: ParityReport) throws {
        let text = TerminalReport(colour: Self.colour, quiet: quiet).text(report)
        _ = try ParityCommand.say(text)
        do {
            try MismatchStore(directory: ParityPlaces.absolute(store ?? MismatchStore.standard)).save(report)
        } catch {
            if store != nil { throw error }
            ParityCommand.complain("ringrift parity: \(error)")
        }
        if let json {
            try Self.write(try PyJSON.dumps(JSONReport.value(report), indent: 1) + [UInt8(ascii: "\n")], to: json)
        }
        if let junit { try Self.write(Array(JUnitReport.text(report).utf8), to: junit) }
        if let html { try Self.write(Array(HTMLReport(report).text().utf8), to: html) }
    }

    /// Colour where people read: on a terminal, unless `NO_COLOR` is set.
    static var colour: Bool { isatty(1) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        try PlainFile.write(bytes, to: path)
    }
}
