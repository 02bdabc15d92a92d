// swift-tools-version: 6.2
// Layout and dependency direction: ARCHITECTURE.md. Types → Models → services → Orchestrator → CLI, never back.
import PackageDescription

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]
/// The testing macros expand to code that warns in this toolchain.
let testing: [SwiftSetting] = [.swiftLanguageMode(.v6)]

/// libpython is an optional run-time dependency: `CPythonEmbed` is a dynamic library that `PythonBridge` opens at first
/// use, so that `ringrift` itself starts on a machine without Python.
let package = Package(
    name: "ringrift",
    products: [
        .executable(name: "ringrift", targets: ["ringrift"]),
        .library(name: "CPythonEmbed", type: .dynamic, targets: ["CPythonEmbed"]),
        .library(name: "CFixedLoad", type: .dynamic, targets: ["CFixedLoad"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibPython", pkgConfig: "python3-embed", providers: [.apt(["libpython3-dev"])]),
        .target(name: "CPythonEmbedABI"),
        .target(name: "CFixedLoad"),
        .target(name: "CChildProcess"),
        .target(name: "CPythonEmbed", dependencies: ["CLibPython", "CPythonEmbedABI"]),
        .target(
            name: "PythonSemantics",
            dependencies: [.product(name: "BigInt", package: "BigInt")], swiftSettings: strict),
        .target(name: "PythonBridge", dependencies: ["CPythonEmbedABI", "PythonSemantics"], swiftSettings: strict),
        .target(
            name: "Effects",
            dependencies: [
                "PythonSemantics", "CChildProcess",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: strict),
        .target(
            name: "HTTPService",
            dependencies: [
                "PythonSemantics",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .target(
            name: "Comparison",
            dependencies: ["PythonSemantics", .product(name: "Yams", package: "Yams")], swiftSettings: strict),
        .target(
            name: "Cutover",
            dependencies: [
                "PythonSemantics", "HTTPService",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], swiftSettings: strict),
        .target(
            name: "P2PModel", dependencies: ["PythonSemantics"], path: "Sources/P2P",
            exclude: [
                "CLI", "Leadership", "Network", "Observability", "Orchestrator", "Resource", "Scheduling", "Training",
            ],
            sources: ["Types", "Models"], swiftSettings: strict),
        .target(
            name: "P2PServices",
            dependencies: [
                "P2PModel", "Effects", "PythonSemantics",
                .product(name: "Yams", package: "Yams"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Sources/P2P", exclude: ["CLI", "Models", "Orchestrator", "Types"],
            sources: ["Resource", "Network", "Leadership", "Observability", "Scheduling", "Training"],
            swiftSettings: strict),
        .target(
            name: "P2PNode",
            dependencies: [
                "P2PModel", "P2PServices", "Effects", "HTTPService", "Cutover", "Comparison", "PythonSemantics",
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/P2P",
            exclude: [
                "Leadership", "Models", "Network", "Observability", "Resource", "Scheduling", "Training", "Types",
            ],
            sources: ["Orchestrator", "CLI"], swiftSettings: strict),
        .target(
            name: "ParityHarness",
            dependencies: [
                "Comparison", "PythonSemantics", .product(name: "Yams", package: "Yams"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"), .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "ringrift",
            dependencies: [
                "P2PNode", "Cutover", "PythonBridge", "ParityHarness", "PythonSemantics",
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PythonSemanticsTests",
            dependencies: ["PythonSemantics", .product(name: "BigInt", package: "BigInt")], swiftSettings: testing),
        .testTarget(
            name: "PythonBridgeTests",
            dependencies: ["PythonBridge", "PythonSemantics", .product(name: "BigInt", package: "BigInt")],
            swiftSettings: testing),
        .testTarget(
            name: "HTTPServiceTests",
            dependencies: [
                "HTTPService", "PythonSemantics", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.copy("Fixtures")], swiftSettings: testing),
        .testTarget(
            name: "ComparisonTests", dependencies: ["Comparison", "PythonSemantics"], swiftSettings: testing),
        .testTarget(
            name: "ParityHarnessTests",
            dependencies: [
                "ParityHarness", "Comparison", "PythonSemantics", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: testing),
        .testTarget(
            name: "P2PModelTests", dependencies: ["P2PModel", "PythonSemantics"], swiftSettings: testing),
        .executableTarget(
            name: "json-benchmark", dependencies: ["PythonSemantics"], path: "Benchmarks/JSON", swiftSettings: strict),
        .target(name: "TestSupport", dependencies: ["Effects", "PythonSemantics"], swiftSettings: strict),
        .testTarget(
            name: "EffectsTests", dependencies: ["Effects", "TestSupport", "PythonSemantics"], swiftSettings: testing),
        .testTarget(
            name: "P2PServicesTests",
            dependencies: ["P2PServices", "P2PModel", "Effects", "TestSupport", "PythonSemantics"],
            swiftSettings: testing),
        .testTarget(
            name: "CutoverTests",
            dependencies: [
                "Cutover", "Effects", "HTTPService", "PythonSemantics", "TestSupport",
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: testing),
        .testTarget(
            name: "P2PNodeTests",
            dependencies: [
                "TestSupport", "P2PNode", "P2PServices", "P2PModel", "Effects", "Cutover", "HTTPService",
                "Comparison", "PythonSemantics",
            ],
            exclude: ["Fixtures"], swiftSettings: testing),
    ]
)
