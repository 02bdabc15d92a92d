internal import CPythonEmbedABI
package import PythonSemantics

/// Proof that the current thread is attached to the interpreter.
///
/// It is lent to a closure and cannot leave it: not copyable, not sendable, and only borrowed. Whatever touches a
/// Python object asks for it.
package struct AttachmentToken: ~Copyable {
    let library: CPythonLibrary

    fileprivate init(_ library: CPythonLibrary) { self.library = library }
}

@available(*, unavailable)
extension AttachmentToken: @unchecked Sendable {}

/// A new reference, dropped at the end of its scope. Lives within one attachment: it is not sendable, and the closures
/// that get a token are `@Sendable`, so there is nowhere to keep it.
package struct PythonReference: ~Copyable {
    let raw: cpe_ref
    private let library: CPythonLibrary

    fileprivate init(_ raw: cpe_ref, _ library: CPythonLibrary) {
        self.raw = raw
        self.library = library
    }

    deinit { library.api.release(raw) }
}

@available(*, unavailable)
extension PythonReference: @unchecked Sendable {}

/// The Python side of one OS thread; the only place that attaches and detaches. Belongs to that thread.
final class PythonThread {
    let library: CPythonLibrary
    private let state: cpe_thread_ref
    private let latency: LatencyHistogram

    /// Makes the current OS thread known to Python.
    init?(opening library: CPythonLibrary, latency: LatencyHistogram) {
        guard let state = library.api.thread_open() else { return nil }
        self.library = library
        self.state = state
        self.latency = latency
    }

    /// Takes over the thread that has just initialised the interpreter, runs `body` still attached, then detaches.
    init(
        initialising library: CPythonLibrary, latency: LatencyHistogram,
        body: (borrowing AttachmentToken) -> Void
    ) {
        body(AttachmentToken(library))
        guard let state = library.api.thread_of_main() else {
            preconditionFailure("initialise the interpreter on this thread before making its PythonThread")
        }
        self.library = library
        self.state = state
        self.latency = latency
    }

    /// `threading.get_ident()` of this thread.
    var identity: UInt { library.api.thread_identity() }

    /// Attaches, runs `body`, detaches. Not reentrant; nothing in `body` may wait for other attached work.
    func attached<Result: Sendable>(
        _ body: @Sendable (borrowing AttachmentToken) throws -> Result
    ) rethrows -> Result {
        let start = LatencyHistogram.now()
        library.api.attach(state)
        latency.record(LatencyHistogram.now() &- start)
        defer { library.api.detach(state) }
        return try body(AttachmentToken(library))
    }
}

extension AttachmentToken {
    /// The module of that dotted name, imported when necessary.
    package borrowing func importModule(_ name: String) throws(PythonError) -> PythonReference {
        try own(library.api.import_module(name))
    }

    /// Compiles and runs `source` as a new module in `sys.modules`.
    borrowing func makeModule(_ name: String, source: String) throws(PythonError) -> PythonReference {
        try own(library.api.module_from_source(name, source))
    }

    /// `getattr` along a dotted path.
    package borrowing func attribute(
        _ path: String, of object: borrowing PythonReference
    ) throws(PythonError) -> PythonReference {
        try own(library.api.attribute(object.raw, path))
    }

    borrowing func setAttribute(
        _ name: String, of object: borrowing PythonReference, to value: borrowing PythonReference
    ) throws(PythonError) {
        if library.api.set_attribute(object.raw, name, value.raw) != 0 { throw takeError() }
    }

    /// Calls with already encoded arguments and keywords.
    borrowing func call(
        _ callable: borrowing PythonReference, payload: EncodedCall
    ) throws(PythonError) -> PythonReference {
        let raw = payload.bytes.withUnsafeBufferPointer { library.api.call(callable.raw, $0.baseAddress, $0.count) }
        return try own(raw)
    }

    package borrowing func call(
        _ callable: borrowing PythonReference, _ arguments: [PyValue] = [], _ keywords: PyDict = [:]
    ) throws(PythonError) -> PythonReference {
        try call(callable, payload: EncodedCall(arguments: arguments, keywords: keywords))
    }

    /// A Python callable that runs `callback`; `context` must live as long as the process.
    borrowing func makeFunction(
        _ name: String, _ callback: cpe_callback, context: UnsafeMutableRawPointer, reportsErrors: Bool
    ) throws(PythonError) -> PythonReference {
        try own(library.api.function_new(name, callback, context, reportsErrors ? CPE_FUNCTION_REPORTS_ERRORS : 0))
    }

    /// The object as bytes, to be decoded after detaching.
    borrowing func encode(_ object: borrowing PythonReference) throws(PythonError) -> EncodedBuffer {
        let result = EncodedBuffer(library)
        if library.api.encode(object.raw, result.pointer) != 0 { throw takeError() }
        return result
    }

    /// The object as a value.
    package borrowing func value(_ object: borrowing PythonReference) throws(PythonError) -> PyValue {
        try encode(object).decoded()
    }

    private borrowing func own(_ raw: cpe_ref?) throws(PythonError) -> PythonReference {
        guard let raw else { throw takeError() }
        return PythonReference(raw, library)
    }

    /// Takes the pending exception away.
    private borrowing func takeError() -> PythonError {
        let buffer = EncodedBuffer(library)
        library.api.take_error(buffer.pointer)
        return PythonError(fields: buffer.decoded())
    }
}
