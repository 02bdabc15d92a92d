import BigInt

/// The width that argparse formats for (`shutil.get_terminal_size().columns`).
package enum TerminalColumns {
    /// A positive integer in `COLUMNS` wins, then the width of the terminal on stdout, then 80.
    /// - Parameters:
    ///   - environment: the value of `COLUMNS`, nil when unset.
    ///   - terminal: the width that the terminal on stdout reports, nil when stdout is none.
    package static func resolve(environment: String?, terminal: Int?) -> Int {
        if let environment, case .success(let columns) = PyTextNumber.int(environment), columns > 0 {
            return columns > BigInt(Int32.max) ? Int(Int32.max) : Int(columns)
        }
        guard let terminal, terminal > 0 else { return 80 }
        return terminal
    }
}
