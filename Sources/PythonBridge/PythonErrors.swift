package import PythonSemantics

/// A Python exception, turned into plain values before the thread detached.
package struct PythonError: Error, Sendable, CustomStringConvertible {
    /// Class name without module, for example `JSONDecodeError`; nested classes as `Outer.Inner`.
    package let name: String
    /// Defining module, `builtins` for the standard exceptions.
    package let module: String
    /// `str(e)`, code point for code point.
    package let text: PyString
    /// What an uncaught exception prints: `Traceback (most recent call last): …`, with causes and contexts.
    package let traceback: String

    /// `json.decoder.JSONDecodeError`; without the module for builtins.
    package var type: String { module == "builtins" ? name : "\(module).\(name)" }

    /// `str(e)` as Swift text; each lone surrogate becomes U+FFFD.
    package var message: String { text.description }

    /// The same exception in the vocabulary of PythonSemantics.
    package var exception: PyException {
        PyException(type: name, message: message, module: module == "builtins" ? nil : module)
    }

    package var description: String { message.isEmpty ? type : "\(type): \(message)" }
}

/// The caller's deadline passed before Python answered. The late answer is dropped and counted.
package struct PythonDeadlineExceeded: Error, Sendable, Equatable, CustomStringConvertible {
    /// `module.function` of the call.
    package let call: String

    package var description: String { "\(call) did not answer before its deadline" }
}

/// Why the interpreter cannot be used. Each text is one line for the user.
package enum PythonStartError: Error, Sendable, Equatable, CustomStringConvertible {
    /// libCPythonEmbed.so or libpython cannot be opened.
    case libraryMissing(String)
    /// The configured interpreter or virtual environment is not there or does not run.
    case interpreterUnusable(path: String, reason: String)
    /// The interpreter's version is not libpython's: standard library and children would differ from the host.
    case versionMismatch(path: String, version: String, library: String)
    /// An interpreter lives, or lived, in this process; a second start breaks extension modules such as numpy.
    case alreadyStarted
    /// CPython refused to start; the text is its own. Not repeatable in this process.
    case initialisationFailed(String)
    /// A thread could not be made; the number is an errno value.
    case threadFailed(Int32)

    package var description: String {
        switch self {
        case .libraryMissing(let reason): "Python is not available: \(reason)"
        case .interpreterUnusable(let path, let reason): "the Python interpreter \(path) cannot be used: \(reason)"
        case .versionMismatch(let path, let version, let library):
            "\(path) is Python \(version), but the embedded libpython is \(library); they must be the same version "
                + "(make the virtual environment with an interpreter of version \(library))"
        case .alreadyStarted: "the Python interpreter was already started in this process; it can start only once"
        case .initialisationFailed(let reason): "Python failed to start: \(reason)"
        case .threadFailed(let number): "no thread for Python could be made (errno \(number))"
        }
    }
}
