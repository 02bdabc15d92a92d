import Foundation
import Testing

@testable import PythonBridge

@Suite struct SetUpTests {
    /// CI sets the variable, so that a library that was not built cannot hide behind skipped suites.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["RINGRIFT_REQUIRE_PYTHON"] == "1"))
    func libraryOpens() { #expect(TestPython.missing == nil) }

    @Test func executableDoesNotLinkPython() throws {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let linked = try run("/usr/bin/ldd", [own])
        #expect(linked.output.contains("libc.so"))
        #expect(!linked.output.contains("libpython"))
        #expect(!linked.output.contains("CPythonEmbed"))
    }

    @Test func virtualEnvironmentFile() {
        let venv = VirtualEnvironment(
            root: "/v", configuration: "HOME = /usr/bin\ninclude-system-site-packages=false\n version =3.11.2 \nx")
        #expect(venv.home == "/usr/bin")
        #expect(venv.version == "3.11.2")
        let virtualenv = VirtualEnvironment(root: "/v", configuration: "home = /p/bin\nversion_info = 3.11.7.final.0")
        #expect(virtualenv.version == "3.11.7")
        #expect(VirtualEnvironment(root: "/v", configuration: "").version == nil)
    }

    @Test func interpreterPath() throws {
        let tree = NSTemporaryDirectory() + "bridge-tree-\(UUID().uuidString)"
        let bin = tree + "/venv/bin"
        try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: tree) }
        let environment = ["RINGRIFT_VENV": "/named"]
        #expect(PythonConfiguration.interpreterPath(tree: tree, environment: environment) == "/named/bin/python")
        #expect(PythonConfiguration.interpreterPath(tree: tree, environment: ["RINGRIFT_VENV": ""]) == nil)
        try FileManager.default.createSymbolicLink(atPath: bin + "/python", withDestinationPath: "/usr/bin/python3")
        #expect(PythonConfiguration.interpreterPath(tree: tree, environment: environment) == bin + "/python")
    }

    @Test func histogramBuckets() {
        for value in Array(UInt64(0)..<5_000) + [1 << 40, UInt64.max - 1, UInt64.max] {
            let bucket = LatencyHistogram.bucket(value)
            #expect(bucket < 512)
            #expect(LatencyHistogram.upperBound(bucket) >= value)
            #expect(bucket == 0 || LatencyHistogram.upperBound(bucket - 1) < value)
        }
    }

    @Test func histogramQuantiles() {
        let histogram = LatencyHistogram()
        #expect(histogram.summary() == LatencySummary(count: 0, p50: .zero, p99: .zero, maximum: .zero))
        for value in 1...10 { histogram.record(UInt64(value)) }
        histogram.record(5_000_000)
        let summary = histogram.summary()
        #expect(summary.count == 11)
        #expect(summary.p50 == .nanoseconds(6))
        #expect(summary.p99 == .nanoseconds(5_000_000))
        #expect(summary.maximum == .nanoseconds(5_000_000))
    }
}
