import PythonSemantics
import TestSupport
import Testing

@testable import Cutover

/// DESIGN section 3: 22 subsystems of three programs.
@Suite struct SubsystemTests {
    private static let named = [
        "p2p": [
            "resource", "network", "leadership", "data_sync", "scheduling", "selfplay", "training", "tournament",
            "observability", "orchestrator",
        ],
        "loop": ["config", "data_collection", "training", "evaluation", "promotion", "loop"],
        "improvement": ["selfplay", "training", "evaluation", "promotion", "checkpointing", "loop"],
    ]

    @Test func names() {
        let all = Self.named.flatMap { program, parts in parts.map { "\(program).\($0)" } }
        #expect(Subsystem.allCases.count == 22)
        #expect(Set(Subsystem.allCases.map(\.rawValue)) == Set(all))
        for program in Program.allCases {
            #expect(
                program.subsystems.map(\.rawValue) == Self.named[program.rawValue]?.map { "\(program.rawValue).\($0)" })
        }
    }

    @Test func variables() {
        let expected = Self.named.flatMap { program, parts in
            parts.map { "RINGRIFT_IMPL_\(program)_\($0)".uppercased() }
        }
        #expect(Set(Subsystem.allCases.map(\.variable)) == Set(expected))
        #expect(Subsystem.p2pDataSync.variable == "RINGRIFT_IMPL_P2P_DATA_SYNC")
        #expect(
            Program.allCases.map(\.variable)
                == ["RINGRIFT_IMPL_P2P", "RINGRIFT_IMPL_LOOP", "RINGRIFT_IMPL_IMPROVEMENT"])
    }

    @Test func modesInTheOrderOfACutover() {
        #expect(Mode.allCases.sorted() == [.legacy, .shadow, .live, .swift])
        #expect(Mode.legacy < .shadow && .shadow < .live && .live < .swift)
    }

    /// The contract's routes name no subsystem that is not in the table.
    @Test func routesNameSubsystems() throws {
        let routes = try #require(try Recordings.contractData("routes.json").asList)
        for route in routes {
            let name = try #require(route["subsystem"]?.pyStr)
            #expect(Subsystem(rawValue: name) != nil, "\(name)")
        }
    }
}

@Suite struct FlagTableTests {
    /// Environment, subsystem, mode, source.
    @Test(
        arguments: [
            ([:], Subsystem.p2pTraining, Mode.swift, "default"),
            (["RINGRIFT_IMPL": "legacy"], .p2pTraining, .legacy, "RINGRIFT_IMPL"),
            (["RINGRIFT_IMPL": "legacy", "RINGRIFT_IMPL_P2P": "live"], .p2pTraining, .live, "RINGRIFT_IMPL_P2P"),
            (["RINGRIFT_IMPL": "legacy", "RINGRIFT_IMPL_P2P": "live"], .loopTraining, .legacy, "RINGRIFT_IMPL"),
            (["RINGRIFT_IMPL_LOOP": "live"], .p2pTraining, .swift, "default"),
            (["RINGRIFT_IMPL_LOOP": "legacy"], .loopLoop, .legacy, "RINGRIFT_IMPL_LOOP"),
            (
                ["RINGRIFT_IMPL": "swift", "RINGRIFT_IMPL_P2P": "legacy", "RINGRIFT_IMPL_P2P_TRAINING": "shadow"],
                .p2pTraining, .shadow, "RINGRIFT_IMPL_P2P_TRAINING"
            ),
            (
                ["RINGRIFT_IMPL": "swift", "RINGRIFT_IMPL_P2P": "legacy", "RINGRIFT_IMPL_P2P_TRAINING": "shadow"],
                .p2pNetwork, .legacy, "RINGRIFT_IMPL_P2P"
            ),
            // The most specific name wins also upwards.
            (
                ["RINGRIFT_IMPL": "legacy", "RINGRIFT_IMPL_P2P_DATA_SYNC": "swift"], .p2pDataSync, .swift,
                "RINGRIFT_IMPL_P2P_DATA_SYNC"
            ),
            // Empty is unset.
            (["RINGRIFT_IMPL": "legacy", "RINGRIFT_IMPL_P2P": ""], .p2pTraining, .legacy, "RINGRIFT_IMPL"),
            // A typo costs the new implementation, not the node.
            (["RINGRIFT_IMPL_P2P_TRAINING": "swfit"], .p2pTraining, .legacy, "RINGRIFT_IMPL_P2P_TRAINING"),
            (["RINGRIFT_IMPL_P2P_TRAINING": "Swift"], .p2pTraining, .legacy, "RINGRIFT_IMPL_P2P_TRAINING"),
            (["RINGRIFT_IMPL_P2P_TRAINNIG": "legacy"], .p2pTraining, .swift, "default"),
            // The rollback wins over everything.
            (["RINGRIFT_ROLLBACK": "1"], .improvementLoop, .legacy, "RINGRIFT_ROLLBACK"),
            (
                ["RINGRIFT_ROLLBACK": "1", "RINGRIFT_IMPL": "swift", "RINGRIFT_IMPL_P2P_TRAINING": "swift"],
                .p2pTraining,
                .legacy, "RINGRIFT_ROLLBACK"
            ),
            (["RINGRIFT_ROLLBACK": "0"], .p2pTraining, .swift, "default"),
            (["RINGRIFT_ROLLBACK": ""], .p2pTraining, .swift, "default"),
        ] as [([String: String], Subsystem, Mode, String)])
    func precedence(_ environment: [String: String], _ subsystem: Subsystem, _ mode: Mode, _ source: String) {
        let table = FlagTable(environment: environment)
        #expect(table.mode(subsystem) == mode)
        #expect(table.entries[subsystem] == FlagTable.Entry(mode: mode, source: source))
        #expect(table.entries.count == 22)
    }

    @Test(arguments: Subsystem.allCases)
    func eachSubsystemHasItsOwnSwitch(_ subsystem: Subsystem) {
        let table = FlagTable(environment: [subsystem.variable: "live"], fallback: .legacy)
        for other in Subsystem.allCases { #expect(table.mode(other) == (other == subsystem ? .live : .legacy)) }
    }

    @Test func underAShimNothingIsSwitchedOn() {
        let table = FlagTable(environment: [:], fallback: .legacy)
        for subsystem in Subsystem.allCases {
            #expect(table.entries[subsystem] == FlagTable.Entry(mode: .legacy, source: "default"))
        }
    }

    @Test(
        arguments: [
            ([:], []),
            (["RINGRIFT_IMPL": "shadow", "RINGRIFT_IMPL_FILE": "/x", "RINGRIFT_IMPL_P2P": ""], []),
            // Once, however many subsystems it names.
            (
                ["RINGRIFT_IMPL": "new"],
                ["RINGRIFT_IMPL=new: unknown value, taken as legacy (allowed: legacy, shadow, live, swift)"]
            ),
            // Also where it decides nothing.
            (
                ["RINGRIFT_ROLLBACK": "1", "RINGRIFT_IMPL_LOOP": "on"],
                ["RINGRIFT_IMPL_LOOP=on: unknown value, taken as legacy (allowed: legacy, shadow, live, swift)"]
            ),
            (
                ["RINGRIFT_IMPL_P2P_TRAINNIG": "legacy", "RINGRIFT_IMPL_P2P": "x"],
                [
                    "RINGRIFT_IMPL_P2P=x: unknown value, taken as legacy (allowed: legacy, shadow, live, swift)",
                    "RINGRIFT_IMPL_P2P_TRAINNIG=legacy: unknown name, ignored",
                ]
            ),
        ] as [([String: String], [String])])
    func alarms(_ environment: [String: String], _ expected: [String]) {
        #expect(FlagTable(environment: environment).alarms.map(\.description) == expected)
    }

    @Test func commonMode() {
        #expect(FlagTable(environment: ["RINGRIFT_IMPL": "live"]).commonMode(.loop) == .live)
        let mixed = FlagTable(environment: ["RINGRIFT_IMPL_LOOP_CONFIG": "legacy"])
        #expect(mixed.commonMode(.loop) == nil)
        #expect(mixed.commonMode(.p2p) == .swift)
    }
}
