import Foundation
import PythonSemantics
import Synchronization
import TestSupport
import Testing

@testable import Cutover

/// A process that speaks the control protocol (`Legacy/shim/ringrift_shim/control.py`) over a state of a few attributes.
final class FakeWorker: Sendable {
    /// Short: a unix socket's address holds 107 bytes.
    let folder = "/tmp/rrx-" + UUID().uuidString.prefix(8)
    var control: String { folder + "/c" }
    var http: String { folder + "/s" }

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(Self.program.utf8).write(to: URL(fileURLWithPath: folder + "/worker.py"))
    }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var configuration: LegacyWorker.Configuration {
        var environment = ProcessInfo.processInfo.environment
        environment["PYTHONPATH"] = Recordings.project + "/Legacy/shim"
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        return LegacyWorker.Configuration(
            command: ["/usr/bin/env", "python3", folder + "/worker.py", http, control], directory: folder,
            environment: environment, socketPath: http, startsAtOnce: true, controlPath: control)
    }

    /// Steps: `dump`, `set PATH VALUE [REASON]` (a patch that is waited for), `race PATCH` (a patch made on an older state),
    /// `ask STEP`, `fail`, `die`.
    private static let program = """
        import copy, itertools, os, socket, sys, threading, time
        from ringrift_shim import control, patch
        state = {"role": "follower", "peers": {"p": {"x": 1}}, "_lazy": {"n": 1}}
        base, waits, answers, seen = copy.deepcopy(state), {}, {}, []
        numbers = itertools.count(1)
        depths = {"peers": 2, "_lazy": 1}
        def put(values):
            for name, value in values.items():
                for side in (state, base):
                    if value is patch.ABSENT: side.pop(name, None)
                    else: side[name] = copy.deepcopy(value)
        def send(nodes, reason):
            number = next(numbers)
            waits[number] = threading.Event()
            server.event("state", seq=number, reason=reason, patch=nodes)
            return waits[number].wait(10)
        def step(method, args):
            if method == "dump": return {"state": state, "seen": seen}
            if method == "set":
                path, value = args[0], args[1]
                place = state
                for key in path[:-1]: place = place[key]
                place[path[-1]] = value
                nodes = patch.between(base, state, lambda name: depths.get(name, 0))
                base.clear(); base.update(copy.deepcopy(state))
                return send(nodes, args[2] if len(args) > 2 else "request")
            if method == "race": return send(args[0], "tick")
            if method == "ask":
                number = next(numbers)
                waits[number] = threading.Event()
                server.event("native", seq=number, step=args[0])
                return answers.get(number) if waits[number].wait(10) else "nobody"
            if method == "fail": raise ValueError("no such thing")
            if method == "die": os._exit(3)
        def execute(command, args, connection):
            seen.append(command)
            if command == "subscribe": connection.subscribed = True
            if command == "state.get": return {"attributes": state, "depths": depths}
            if command == "state.put":
                put(patch.applied(state, args["patch"], []) if "patch" in args else args["attributes"])
            if command == "release": seen.append(args["loops"])
            if command == "ack": waits[args["seq"]].set()
            if command == "answer":
                answers[args["seq"]] = args["result"]
                waits[args["seq"]].set()
            if command == "step": return step(args["method"], args["args"])
            if command == "views": return {k: {"value": v} for k, v in args["views"].items()}
            return {}
        server = control.ControlServer(sys.argv[2], execute, lambda connection: None)
        server.start()
        listener = socket.socket(socket.AF_UNIX)
        if os.path.exists(sys.argv[1]): os.unlink(sys.argv[1])
        listener.bind(sys.argv[1])
        listener.listen()
        while True: listener.accept()[0].close()
        """
}

/// A store of plain attributes.
final class FakeStore: ExchangedStore {
    private struct State {
        var image: PyDict
        var version: UInt64 = 1
        var saves = 0
        /// What was there when it was saved.
        var saved: [PyDict] = []
        var asked: [PyString] = []
    }

    private let state: Mutex<State>

    init(_ image: PyDict) { state = Mutex(State(image: image)) }

    var version: UInt64 { state.withLock { $0.version } }
    var saved: [PyDict] { state.withLock { $0.saved } }
    var asked: [PyString] { state.withLock { $0.asked } }

    func image() -> PyDict { state.withLock { $0.image } }

    func change(_ body: @Sendable (inout PyDict) -> Void) {
        state.withLock { state in
            body(&state.image)
            state.version += 1
        }
    }

    func take(_ patch: StatePatch) -> [StatePatch.Path] {
        state.withLock { state in
            var conflicts: [StatePatch.Path] = []
            state.image = patch.applied(to: state.image, conflicts: &conflicts)
            state.version += 1
            return conflicts
        }
    }

    func adopt(_ attributes: PyDict) {
        change { image in for (name, value) in attributes { image.setDefault(name, value) } }
    }

    func legacyRan() {}

    func save() async { state.withLock { $0.saved.append($0.image) } }

    func perform(_ step: PyString) async -> PyValue {
        state.withLock { $0.asked.append(step) }
        return .string("done " + step)
    }
}
