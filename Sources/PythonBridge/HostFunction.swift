internal import CPythonEmbedABI
package import PythonSemantics

/// A Swift function that Python can call; lives as long as the process.
private final class HostFunction: Sendable {
    let body: @Sendable ([DecodedArgument]) throws -> PyValue
    let library: CPythonLibrary

    init(_ library: CPythonLibrary, _ body: @escaping @Sendable ([DecodedArgument]) throws -> PyValue) {
        self.library = library
        self.body = body
    }
}

/// The trampoline's Swift end; runs detached on the calling Python thread.
private let runHostFunction: cpe_callback = { context, arguments, count, reply in
    guard let context, let reply else { return 1 }
    let function = Unmanaged<HostFunction>.fromOpaque(context).takeUnretainedValue()
    var decoder = ValueDecoder(UnsafeRawBufferPointer(start: arguments, count: count))
    var encoder = ValueEncoder()
    var status: Int32 = 0
    do {
        encoder.append(try function.body(decoder.arguments()))
    } catch {
        status = 1
        encoder = ValueEncoder()
        switch error {
        case let error as PyException: encoder.append(.list([.string(error.type), .string(error.message)]))
        case let error as PythonError: encoder.append(.list([.string(error.name), .string(error.text)]))
        default: encoder.append(.list(["RuntimeError", .string("\(error)")]))
        }
    }
    // Out of memory leaves a short reply, which the C side reports as an exception.
    _ = encoder.bytes.withUnsafeBufferPointer { function.library.api.buffer_append(reply, $0.baseAddress, $0.count) }
    return status
}

extension AttachmentToken {
    borrowing func makeHostFunction(
        _ name: String, reportsErrors: Bool, _ body: @escaping @Sendable ([DecodedArgument]) throws -> PyValue
    ) throws(PythonError) -> PythonReference {
        let context = Unmanaged.passRetained(HostFunction(library, body)).toOpaque()
        return try makeFunction(name, runHostFunction, context: context, reportsErrors: reportsErrors)
    }
}

extension PythonInterpreter {
    /// Makes `name` callable from Python as `ringrift_host.<name>(*values)`, with positional JSON-like arguments.
    ///
    /// The body runs on the calling Python thread, without the interpreter; it may block that thread, and must not
    /// wait for a call into Python that needs the same thread. A thrown ``PyException`` is raised as the builtin
    /// exception class of that name, anything else as `RuntimeError`. A second definition replaces the first; both
    /// live as long as the process.
    package func define(
        _ name: String, _ body: @escaping @Sendable ([PyValue]) throws -> PyValue
    ) async throws {
        try await withAttachment { token in
            let function = try token.makeHostFunction(name, reportsErrors: false) { arguments in
                try body(
                    arguments.map { argument in
                        switch argument {
                        case .value(let value): return value
                        case .error(let error): throw error
                        }
                    })
            }
            let module = try token.importModule(BridgeModule.hostModule)
            try token.setAttribute(name, of: module, to: function)
        }
    }
}
