import Foundation

/// Another program in the middle of a write transaction: SQLite's own C functions, as linked into this process.
final class WriteLock {
    private typealias Open = @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>) -> Int32
    private typealias Execute =
        @convention(c) (OpaquePointer, UnsafePointer<CChar>, OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Int32
    private typealias Close = @convention(c) (OpaquePointer) -> Int32

    private var connection: OpaquePointer?
    private let closeConnection: Close

    init(_ path: String) throws {
        let program = dlopen(nil, RTLD_NOW)
        guard let open = dlsym(program, "sqlite3_open"), let execute = dlsym(program, "sqlite3_exec"),
            let close = dlsym(program, "sqlite3_close")
        else { throw POSIXError(.ENOSYS) }
        closeConnection = unsafeBitCast(close, to: Close.self)
        guard unsafeBitCast(open, to: Open.self)(path, &connection) == 0, let connection,
            unsafeBitCast(execute, to: Execute.self)(connection, "BEGIN IMMEDIATE", nil, nil, nil) == 0
        else { throw POSIXError(.EIO) }
    }

    /// Closing rolls back.
    func release() {
        if let connection { _ = closeConnection(connection) }
        connection = nil
    }

    deinit { release() }
}
