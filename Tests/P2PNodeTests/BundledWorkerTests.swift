import Cutover
import Foundation
import HTTPService
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

/// An interpreter that can run the double.
private let bundledPython: String? = {
    let root = ProcessInfo.processInfo.environment["RINGRIFT_TEST_VENV"] ?? "/opt/venv"
    let path = root + "/bin/python"
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
}()

/// A native node with the bundled legacy behind it: one state.
@Suite(.timeLimit(.minutes(2)), .enabled(if: bundledPython != nil, "no Python with aiohttp"))
struct BundledWorkerTests {
    private final class Scratch: Sendable {
        let path = "/tmp/rrb-" + UUID().uuidString.prefix(8)
        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: Recordings.project + "/Legacy/ai-service", toPath: path + "/ai-service")
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func configuration(_ scratch: Scratch) throws -> LegacyWorker.Configuration {
        var environment = ProcessInfo.processInfo.environment
        environment["PYTHONPATH"] = Recordings.project + "/Legacy/shim"
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        return LegacyWorker.Configuration(
            command: [
                try #require(bundledPython), "-m", "ringrift_shim", "worker", "--tree", scratch.path + "/ai-service",
                "--socket", scratch.path + "/s", "--control", scratch.path + "/c", "--own-state", "--parent-watch",
                "poll", "--output", scratch.path + "/log", "--", "--node-id", "alpha", "--host", "127.0.0.1",
                "--advertise-host", "127.0.0.1", "--ringrift-path", scratch.path,
            ], directory: scratch.path + "/ai-service", environment: environment, socketPath: scratch.path + "/s",
            startsAtOnce: true, controlPath: scratch.path + "/c")
    }

    private func heartbeat(_ id: String) -> String {
        #"{"node_id": "\#(id)", "host": "10.0.0.9", "port": 8770, "role": "follower", "memory_percent": 61.5}"#
    }

    private func legacy(_ proxy: WorkerProxy, _ method: String, _ path: String, _ body: String = "") async throws
        -> PyValue
    {
        let length = "\(body.utf8.count)"
        let headers = body.isEmpty ? [] : [("Content-Type", "application/json"), ("Content-Length", length)]
        let response = try await proxy.forward(
            ServiceRequest(
                method: method, target: path, headers: headers, body: Array(body.utf8), remoteAddress: "10.0.0.9"))
        #expect(response.status == 200)
        guard case .stream(let produce) = response.body else { return .none }
        let (pieces, continuation) = AsyncStream<[UInt8]>.makeStream()
        try await produce(ResponseBodyWriter { continuation.yield(Array($0.readableBytesView)) })
        continuation.finish()
        var bytes: [UInt8] = []
        for await piece in pieces { bytes += piece }
        return try PyJSON.loads(bytes)
    }

    @Test func oneState() async throws {
        let scratch = try Scratch()
        let node = try await NodeFixture()
        let exchange = node.runtime.exchange(loops: []) { _ in }
        let worker = LegacyWorker(configuration: try configuration(scratch), exchange: exchange) { _ in }
        let proxy = WorkerProxy(worker: worker, exchange: exchange)
        node.runtime.firstPause.note()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            // A native write is seen by a legacy route …
            _ = try await node.ask("POST", "/heartbeat", heartbeat("native"))
            let theirs = try await legacy(proxy, "GET", "/status")
            #expect(theirs["peers"]?["native"]?["memory_percent"] == 61.5)
            // … and a legacy write by a native one.
            _ = try await legacy(proxy, "POST", "/heartbeat", heartbeat("legacy"))
            let ours = try json(try await node.ask("GET", "/status").text)
            #expect(ours["peers"]?.asDict?.keys == ["native", "legacy"])
            #expect(ours["peers"]?["legacy"]?["memory_percent"] == 61.5)
            #expect(exchange.counts.fills == 1)
            group.cancelAll()
            try await group.waitForAll()
        }
        await proxy.shutdown()
    }
}
