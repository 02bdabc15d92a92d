/// How the embedded interpreter starts. Immutable afterwards.
package struct PythonConfiguration: Sendable {
    /// Interpreter or virtual environment python: becomes `sys.executable`, so children run the same Python.
    /// nil: the interpreter that belongs to the libpython in use. See ``interpreterPath(tree:environment:)``.
    package var executable: String?
    /// `config.program_name`; nil: same as ``executable``.
    package var programName: String?
    /// Placed in this order before everything else on `sys.path`.
    package var pathEntries: [String]
    /// `sys.argv`.
    package var arguments: [String]
    /// Applied to the process environment before the start; a nil value removes the variable. `setenv` is not safe
    /// beside threads that read the environment, so start before there are any.
    package var environment: [String: String?]
    /// As `python -I`: no `PYTHON*` variables, no user site directory.
    package var isolated: Bool
    /// OS threads that run calls. They share one interpreter lock, so more threads help only calls that wait.
    package var poolSize: Int
    /// Stack of each bridge thread in bytes; deep recursion in extension modules needs what a main thread has.
    package var stackSize: Int
    /// False: the bridge's threads have the signal mask of the thread that starts the interpreter. Mind that children
    /// which Python starts inherit it: a job started with TERM blocked cannot be stopped by TERM, and Dispatch's own
    /// threads block most signals. True: nothing is blocked in the bridge's threads.
    package var unblocksSignals: Bool
    /// `sys.setswitchinterval` in seconds (Python's default 0.005 costs 5 ms behind each busy thread).
    package var switchInterval: Double

    package init(
        executable: String? = nil, programName: String? = nil, pathEntries: [String] = [], arguments: [String] = [""],
        environment: [String: String?] = [:], isolated: Bool = false, poolSize: Int = 4,
        stackSize: Int = 16 << 20, unblocksSignals: Bool = false, switchInterval: Double = 0.0005
    ) {
        self.executable = executable
        self.programName = programName
        self.pathEntries = pathEntries
        self.arguments = arguments
        self.environment = environment
        self.isolated = isolated
        self.poolSize = poolSize
        self.stackSize = stackSize
        self.unblocksSignals = unblocksSignals
        self.switchInterval = switchInterval
    }
}
