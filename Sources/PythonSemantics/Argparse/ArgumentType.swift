import BigInt

/// How one argument string becomes a value (argparse's `type`).
package struct ArgumentType: Sendable {
    /// Why a conversion failed.
    package enum Failure: Error, Equatable, Sendable {
        /// A ValueError or TypeError: `invalid NAME value: 'text'`.
        case invalidValue
        /// An ArgumentTypeError, whose text is shown as it is.
        case message(String)
    }

    /// `type.__name__`, shown in errors.
    package let name: String
    package let convert: @Sendable (String) -> Result<ArgValue, Failure>

    package init(name: String, convert: @escaping @Sendable (String) -> Result<ArgValue, Failure>) {
        self.name = name
        self.convert = convert
    }

    package static let string = ArgumentType(name: "str") { .success(.string($0)) }
    package static let int = ArgumentType(name: "int") { text in
        PyTextNumber.int(text).map { ArgValue($0) }.mapError { _ in .invalidValue }
    }
    package static let float = ArgumentType(name: "float") { text in
        PyTextNumber.float(text).map { .float($0) }.mapError { _ in .invalidValue }
    }
    /// `pathlib.Path`: the value is `str(path)`.
    package static let path = ArgumentType(name: "Path") { .success(.string(normalizedPath($0))) }

    /// `str(PurePosixPath(text))`: single slashes (exactly two leading ones stay), no `.` components, `.` for nothing.
    package static func normalizedPath(_ text: String) -> String {
        let slashes = text.utf8.prefix { $0 == UInt8(ascii: "/") }.count
        let root = slashes == 0 ? "" : slashes == 2 ? "//" : "/"
        let parts = ArgText.split(text, at: "/").filter { !$0.isEmpty && !ArgText.equal($0, ".") }
        let path = root + parts.joined(separator: "/")
        return path.isEmpty ? "." : path
    }
}
