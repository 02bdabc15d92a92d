/// Where the server writes the lines that are part of the contract (behaviour/01 section 2.3).
///
/// The receiver adds time and level; `access` lines are INFO, `error` lines ERROR. Calls come from many tasks at once.
package protocol HTTPLog: Sendable {
    /// One finished request: `{remote} [{start}] "{METHOD} {target} HTTP/1.1" {status} {bytes} "{Referer}" "{User-Agent}"`.
    func access(_ line: String)
    /// A failure. `traceback` holds the lines that follow `line` in the legacy log, without line ends: first
    /// `Traceback (most recent call last):`, last `{Type}: {message}` (a message may take several lines); empty when
    /// the legacy prints none.
    func error(_ line: String, traceback: [String])
}

/// A log that drops everything, for tests and for children that must stay silent.
package struct SilentHTTPLog: HTTPLog {
    package init() {}
    package func access(_ line: String) {}
    package func error(_ line: String, traceback: [String]) {}
}
