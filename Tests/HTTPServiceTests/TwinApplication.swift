import HTTPService
import NIOCore
import PythonSemantics
import Synchronization

/// The handlers of Fixtures/record_aiohttp.py, in Swift.
enum TwinApplication {
    static func make(log: any HTTPLog) throws -> HTTPApplication {
        var table = RouteTable()
        let hello: RouteHandler = { _ in try .json(["ok": true]) }
        let item: RouteHandler = { request in
            try .json([
                "name": .string(PyString(request.pathParameters["name"] ?? "?")),
                "path": .string(PyString(request.path)),
            ])
        }
        let gets: [(String, RouteHandler)] = [
            ("/hello", hello),
            ("/err", { _ in throw PyException(type: "ValueError", message: "boom") }),
            ("/item/{name}", item), ("/item/{name}/x", item), ("/q", query),
            ("/redir", { _ in .found("/x?y=1") }),
            ("/html", { _ in .html("<p>hi</p>") }),
            ("/text", { _ in .text("hi", headers: [("X-A", "1")]) }),
            ("/custom", { _ in try .json(["error": "u"], status: 401, headers: [("X-B", "2")]) }),
            ("/empty", { _ in ServiceResponse(status: 204) }),
            ("/timeout", { _ in throw PyException(type: "TimeoutError", message: "") }),
            ("/hdr", header),
            (
                "/chunked",
                { _ in
                    .stream(headers: []) { writer in
                        try await writer.write("abc")
                        try await writer.write("defg")
                    }
                }
            ),
            (
                "/sized",
                { _ in
                    .stream(headers: [("Content-Length", "7")]) { writer in
                        try await writer.write("abc")
                        try await writer.write("defg")
                    }
                }
            ),
            ("/both", hello), ("/", hello),
        ]
        for (path, handler) in gets { try table.register("GET", path, subsystem: "test", handler: handler) }
        let posts: [(String, RouteHandler)] = [
            ("/echo", echo),
            ("/raw", { request in try .json(["n": .int(try await request.readBody().count)]) }),
            ("/noread", { _ in try .json(["noread": 1]) }),
            ("/both", hello), ("/item/special", hello),
        ]
        for (path, handler) in posts { try table.register("POST", path, subsystem: "test", handler: handler) }
        return HTTPApplication(routes: table, log: log)
    }

    private static let query: RouteHandler = { request in
        let pairs = request.queryItems.map { PyValue.list([.string(PyString($0.name)), .string(PyString($0.value))]) }
        return try .json(["q": request.query("q").map { .string(PyString($0)) } ?? .none, "all": .list(pairs)])
    }

    private static let header: RouteHandler = { request in
        let all = request.headers.all("x-t").map { PyValue.string(PyString($0)) }
        return try .json(["h": request.header("X-T").map { .string(PyString($0)) } ?? .none, "all": .list(all)])
    }

    private static let echo: RouteHandler = { request in
        do {
            return try .json(["got": try await request.json()])
        } catch let error as PyException {
            return try .json(["error": .string(PyString(error.message))], status: 400)
        }
    }
}

/// Keeps log lines in the shape of the fixture: level, text, last line(s) of the traceback.
final class RecordingLog: HTTPLog {
    private let entries = Mutex<[[String]]>([])
    /// What stood above the last traceback of an entry, where there was something.
    let chains = Mutex<[String]>([])

    var all: [[String]] { entries.withLock { $0 } }

    func access(_ line: String) {
        let blanked = line.replacing(/\[\d\d\/.*?\]/, with: "[T]")
        entries.withLock { $0.append(["INFO", blanked]) }
    }

    func error(_ line: String, traceback: [String]) {
        let begin = traceback.lastIndex(of: "Traceback (most recent call last):").map { $0 + 1 } ?? traceback.endIndex
        let tail = traceback[begin...].joined(separator: "\n")
        if begin > 1 { chains.withLock { $0.append(traceback[..<(begin - 1)].joined(separator: "\n")) } }
        entries.withLock { $0.append(["ERROR", line] + (tail.isEmpty ? [] : [tail])) }
    }
}
