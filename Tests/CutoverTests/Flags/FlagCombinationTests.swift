import Testing

@testable import Cutover

/// DESIGN section 3 "Flags", every row for every subsystem.
@Suite struct FlagCombinationTests {
    /// The names that can say something about a subsystem, the widest first.
    private static func names(_ subsystem: Subsystem) -> [String] {
        let program = subsystem.rawValue.prefix { $0 != "." }.uppercased()
        let part = subsystem.rawValue.drop { $0 != "." }.dropFirst().uppercased()
        return ["RINGRIFT_IMPL", "RINGRIFT_IMPL_\(program)", "RINGRIFT_IMPL_\(program)_\(part)"]
    }

    private static let modes: [Mode?] = [nil, .legacy, .shadow, .live, .swift]

    /// Three names, each unset or in one of four modes: 125 rows a source.
    private static func rows(_ subsystem: Subsystem) -> [(values: [String: String], mode: Mode?, name: String)] {
        let names = names(subsystem)
        return modes.flatMap { all in
            modes.flatMap { program in
                modes.map { own in
                    var values: [String: String] = [:]
                    values[names[0]] = all?.rawValue
                    values[names[1]] = program?.rawValue
                    values[names[2]] = own?.rawValue
                    let name = own != nil ? names[2] : program != nil ? names[1] : names[0]
                    return (values, own ?? program ?? all, name)
                }
            }
        }
    }

    private static func file(_ values: [String: String]) -> FlagFile {
        FlagFile(text: values.map { "\($0.key)=\($0.value)\n" }.joined())
    }

    @Test(arguments: Subsystem.allCases)
    func oneSource(_ subsystem: Subsystem) {
        for row in Self.rows(subsystem) {
            let fromEnvironment = FlagTable(environment: row.values)
            let fromFile = FlagTable(environment: [:], file: Self.file(row.values))
            #expect(fromEnvironment.mode(subsystem) == row.mode ?? .swift, "\(row)")
            #expect(fromFile.mode(subsystem) == row.mode ?? .swift, "\(row)")
            #expect(fromEnvironment.entries[subsystem]?.source == (row.mode == nil ? "default" : row.name))
            #expect(fromFile.entries[subsystem]?.source == (row.mode == nil ? "default" : "flags.env: \(row.name)"))
            #expect(fromFile.alarms.isEmpty)
            // Under a shim nothing but the default differs.
            let shim = FlagTable(environment: [:], file: Self.file(row.values), fallback: .legacy)
            #expect(shim.mode(subsystem) == row.mode ?? .legacy)
        }
    }

    /// All modes of one source against all of the other: the lower, and who decided.
    @Test(arguments: Subsystem.allCases)
    func theLowerOfTheTwo(_ subsystem: Subsystem) {
        let names = Self.names(subsystem)
        for (environmentName, fileName) in names.flatMap({ left in names.map { (left, $0) } }) {
            for environment in Self.modes {
                for file in Self.modes {
                    let table = FlagTable(
                        environment: environment.map { [environmentName: $0.rawValue] } ?? [:],
                        file: Self.file(file.map { [fileName: $0.rawValue] } ?? [:]))
                    let expected = [environment, file].compactMap { $0 }.min() ?? .swift
                    let source =
                        environment == nil && file == nil
                        ? "default"
                        : environment == expected ? environmentName : "flags.env: \(fileName)"
                    #expect(table.entries[subsystem] == .init(mode: expected, source: source))
                    #expect(table.mode(subsystem) <= (environment ?? .swift))
                    #expect(table.mode(subsystem) <= (file ?? .swift))
                }
            }
        }
    }

    @Test(arguments: Subsystem.allCases)
    func rollbackIsAboveEverything(_ subsystem: Subsystem) {
        let swift = Dictionary(uniqueKeysWithValues: Self.names(subsystem).map { ($0, "swift") })
        let rolledBack = swift.merging(["RINGRIFT_ROLLBACK": "1"]) { $1 }
        let inEnvironment = FlagTable(environment: rolledBack, file: Self.file(swift))
        #expect(inEnvironment.entries[subsystem] == .init(mode: .legacy, source: "RINGRIFT_ROLLBACK"))
        let inFile = FlagTable(environment: swift, file: Self.file(rolledBack))
        #expect(inFile.entries[subsystem] == .init(mode: .legacy, source: "flags.env: RINGRIFT_ROLLBACK"))
        let unreadable = FlagTable(environment: swift, isFileUnreadable: true)
        #expect(unreadable.entries[subsystem] == .init(mode: .legacy, source: "flags.env: unreadable"))
    }

    @Test func aTypoInTheRollbackIsARollback() {
        let table = FlagTable(environment: ["RINGRIFT_ROLLBACK": "yes"], file: FlagFile(text: "RINGRIFT_ROLLBACK=on"))
        for subsystem in Subsystem.allCases { #expect(table.mode(subsystem) == .legacy) }
        #expect(
            table.alarms.map(\.description) == [
                "RINGRIFT_ROLLBACK=yes: unknown value, everything is legacy (allowed: 0, 1)",
                "flags.env line 1: RINGRIFT_ROLLBACK=on: unknown value, everything is legacy (allowed: 0, 1)",
            ])
    }

    @Test func strictNames() throws {
        #expect(try FlagTarget.parse("p2p.data_sync") == .subsystem(.p2pDataSync))
        #expect(try FlagTarget.parse("loop") == .program(.loop))
        #expect(try FlagTarget.parse("all") == .all)
        #expect(FlagRefusal.exitStatus == 2)
        #expect(throws: FlagRefusal(problem: "'Swift' is no mode", allowed: ["legacy", "shadow", "live", "swift"])) {
            try Mode.parse("Swift")
        }
        do {
            _ = try FlagTarget.parse("p2p.trainnig")
            Issue.record("accepted")
        } catch {
            #expect(error.description.hasPrefix("'p2p.trainnig' is no subsystem\nallowed: all, p2p, loop,"))
            #expect(error.allowed.count == 26)
            #expect(error.description.split(separator: "\n").allSatisfy { $0.count <= 80 })
        }
        #expect(FlagReport.allowed.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
}
