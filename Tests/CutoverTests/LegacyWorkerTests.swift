import Foundation
import HTTPService
import PythonSemantics
import Synchronization
import Testing

@testable import Cutover

/// Supervision with a small stand-in: a Python script that answers on the unix socket and dies when told to.
@Suite(.timeLimit(.minutes(2))) struct LegacyWorkerTests {
    /// What a worker said, to be awaited one by one.
    private final class Events: Sendable {
        let stream: AsyncStream<String>
        private let continuation: AsyncStream<String>.Continuation
        private let pauses = Mutex<[Double]>([])

        init() { (stream, continuation) = AsyncStream.makeStream() }

        func add(_ line: String) { continuation.yield(line) }
        func pause(_ seconds: Double) { pauses.withLock { $0.append(seconds) } }
        var delays: [Double] { pauses.withLock { $0 } }
    }

    private final class Collected: Sendable {
        private let all = Mutex<[UInt8]>([])

        var bytes: [UInt8] { all.withLock { $0 } }
        func add(_ more: [UInt8]) { all.withLock { $0 += more } }
    }

    private final class Scratch: Sendable {
        /// Short: a unix socket's address holds 107 bytes.
        let path = "/tmp/rrw-" + UUID().uuidString.prefix(8)

        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
        var socket: String { path + "/s" }
    }

    /// Answers any request with what it saw, exits with 3 on `/die`, stays silent and dies by signal on `/kill`.
    private static let standIn = """
        import http.server, json, os, signal, socketserver, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *a): pass
            def address_string(self): return ""
            def reply(self):
                if self.path == "/die": os._exit(3)
                if self.path == "/kill": os.kill(os.getpid(), signal.SIGKILL)
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size).decode()
                seen = {"method": self.command, "path": self.path, "remote": self.headers.get("X-Ringrift-Remote"),
                        "x": self.headers.get("X-Test"), "body": body}
                data = json.dumps(seen).encode()
                self.send_response(413) if self.path == "/413" else self.send_response(499, "Odd")
                self.send_header("X-Answer", "yes")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            do_GET = do_POST = reply
        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True
        Server(sys.argv[1], Handler).serve_forever()
        """

    private func worker(
        _ scratch: Scratch, _ events: Events, command: [String]? = nil, startsAtOnce: Bool = true
    ) throws -> LegacyWorker {
        let script = scratch.path + "/worker.py"
        try Data(Self.standIn.utf8).write(to: URL(fileURLWithPath: script))
        let configuration = LegacyWorker.Configuration(
            command: command ?? ["/usr/bin/env", "python3", script, scratch.socket], directory: scratch.path,
            environment: ProcessInfo.processInfo.environment, socketPath: scratch.socket, startsAtOnce: startsAtOnce)
        return LegacyWorker(
            configuration: configuration, pause: { events.pause($0) }, onEvent: { events.add($0) })
    }

    private func ask(_ proxy: WorkerProxy, _ path: String) async throws -> (status: Int, body: PyValue) {
        let request = ServiceRequest(method: "GET", target: path, remoteAddress: "10.0.0.9")
        let response = try await proxy.forward(request)
        return (response.status, try await json(response))
    }

    private func json(_ response: ServiceResponse) async throws -> PyValue {
        switch response.body {
        case .bytes(let bytes): return try PyJSON.decodeBody(bytes, charset: nil)
        case .stream(let produce):
            let collected = Collected()
            try await produce(ResponseBodyWriter { piece in collected.add(Array(piece.readableBytesView)) })
            return try PyJSON.decodeBody(collected.bytes, charset: nil)
        }
    }

    /// Runs the worker beside `body`, and ends it after.
    private func running(_ worker: LegacyWorker, _ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(worker.current == .stopped)
    }

    private static func isReady(_ state: LegacyWorker.State) -> Bool {
        if case .ready = state { true } else { false }
    }

    @Test func itIsStartedAgainAfterEveryDeath() async throws {
        let scratch = try Scratch()
        let events = Events()
        let worker = try worker(scratch, events)
        let proxy = WorkerProxy(worker: worker)
        try await running(worker) {
            var lines = events.stream.makeAsyncIterator()
            var delay = 0.5
            for (path, reason) in [("/die", "exit status 3"), ("/kill", "signal 9"), ("/die", "exit status 3")] {
                let ready = try #require(await lines.next())
                #expect(ready.hasPrefix("legacy worker ready (pid "))
                #expect(Self.isReady(worker.current))
                let answer = try await ask(proxy, path)
                #expect(answer.status == 503)
                #expect(answer.body["error"] == "legacy_worker_failed")
                #expect(await lines.next() == "legacy worker ended (\(reason)); next start in \(delay) s")
                delay *= 2
            }
            #expect(await lines.next()?.hasPrefix("legacy worker ready") == true)
        }
        #expect(events.delays == [0.5, 1, 2])
        #expect(proxy.counts == WorkerProxy.Counters(served: 0, unavailable: 0, failed: 3))
        await proxy.shutdown()
    }

    @Test func aProgramThatCannotBeStarted() async throws {
        let scratch = try Scratch()
        let events = Events()
        let worker = try worker(scratch, events, command: ["/nope/ringrift", "legacy-worker"])
        try await running(worker) {
            var lines = events.stream.makeAsyncIterator()
            let line = try #require(await lines.next())
            #expect(line.hasPrefix("legacy worker ended (cannot start /nope/ringrift: "))
        }
    }

    @Test func aColdStandbyWaitsForTheFirstRequest() async throws {
        let scratch = try Scratch()
        let events = Events()
        let worker = try worker(scratch, events, startsAtOnce: false)
        let proxy = WorkerProxy(worker: worker)
        #expect(worker.current == .idle)
        try await running(worker) {
            let refused = try await ask(proxy, "/gossip?x=1")
            #expect(refused.status == 503)
            #expect(
                refused.body == [
                    "error": "legacy_worker_unavailable", "reason": "the legacy worker is starting", "method": "GET",
                    "path": "/gossip",
                ])
            var lines = events.stream.makeAsyncIterator()
            #expect(await lines.next()?.hasPrefix("legacy worker ready") == true)
            let answered = try await proxy.forward(ServiceRequest(method: "GET", target: "/x"))
            #expect(answered.status == 499)
        }
        #expect(proxy.counts == WorkerProxy.Counters(served: 1, unavailable: 1, failed: 0))
        await proxy.shutdown()
    }

    /// Status, headers and body as the worker gave them; the client's address and headers as the node got them.
    @Test func theProxyPassesEverythingOn() async throws {
        let scratch = try Scratch()
        let events = Events()
        let worker = try worker(scratch, events)
        let proxy = WorkerProxy(worker: worker)
        try await running(worker) {
            var lines = events.stream.makeAsyncIterator()
            _ = await lines.next()
            let request = ServiceRequest(
                method: "POST", target: "/a%2Fb?q=%20x", headers: [("X-Test", "1"), ("Content-Length", "4")],
                body: Array("body".utf8), remoteAddress: "10.0.0.9")
            let response = try await proxy.forward(request)
            #expect(response.status == 499)
            #expect(response.isProxied)
            #expect(response.headers.contains { $0.name == "X-Answer" && $0.value == "yes" })
            #expect(
                try await json(response) == [
                    "method": "POST", "path": "/a%2Fb?q=%20x", "remote": "10.0.0.9", "x": "1", "body": "body",
                ])
            // Not NIO's phrase (Payload Too Large): the server fills in aiohttp's.
            let large = try await proxy.forward(ServiceRequest(method: "GET", target: "/413"))
            #expect(large.status == 413)
            #expect(large.reason == nil)
        }
        await proxy.shutdown()
    }

    @Test(arguments: [
        (nil as Double?, 0.0, 0.5), (0.5, 1, 1), (1, 10, 2), (16, 1, 30), (30, 1, 30), (30, 60.5, 0.5),
    ])
    func backoff(_ previous: Double?, _ lived: Double, _ expected: Double) {
        #expect(LegacyWorker.Backoff().delay(after: previous, lived: lived) == expected)
    }

    @Test func withoutAWorker() async throws {
        let response = try WorkerProxy.notImplemented(ServiceRequest(method: "POST", target: "/gossip?a=1"))
        #expect(response.status == 501)
        #expect(
            try await json(response) == [
                "error": "not_implemented",
                "reason": "this route is not native yet and no legacy worker is configured", "method": "POST",
                "path": "/gossip",
            ])
    }
}
