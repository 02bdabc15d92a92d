/// An exception that ends the program before its node exists: Python prints a traceback on stderr and exits with 1.
package struct P2PStartupFailure: Error, Sendable, Equatable {
    /// Class of the exception.
    package let type: String
    /// Its text.
    package let message: String

    package init(type: String = "ValueError", message: String) {
        self.type = type
        self.message = message
    }

    package static let exitStatus: Int32 = 1

    /// `ValueError: invalid literal for int() with base 10: 'abc'`
    package var finalLine: String { "\(type): \(message)" }

    /// What goes to stderr: the traceback's first and last line. The frames between them are the legacy's own files and lines.
    package var traceback: String { "Traceback (most recent call last):\n\(finalLine)\n" }

    /// `--require-auth` without a token from option, environment or file.
    package static let requiredTokenMissing = P2PStartupFailure(
        message: "--require-auth set but RINGRIFT_CLUSTER_AUTH_TOKEN/RINGRIFT_CLUSTER_AUTH_TOKEN_FILE/--auth-token "
            + "is empty")

    /// `--port=--`, which argparse turns into an empty list.
    package static let listIsNoPort = P2PStartupFailure(
        type: "TypeError", message: "int() argument must be a string, a bytes-like object or a real number, not 'list'")
}
