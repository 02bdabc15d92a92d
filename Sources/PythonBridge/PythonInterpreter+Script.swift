extension PythonInterpreter {
    /// Runs a script as `python path arguments…` would and returns the exit status; for shape "pure", where the
    /// legacy program is the whole process (DESIGN section 3).
    ///
    /// Call it on the process's main thread before there is any Swift task: the thread becomes Python's main thread,
    /// with Python's signal handlers (SIGINT raises `KeyboardInterrupt`). `__main__`, `sys.argv`, `sys.path[0]`,
    /// `SystemExit`, tracebacks, buffering and the `PYTHON*` variables are CPython's own, since its `Py_RunMain` does
    /// the work, which includes finalisation: threads are joined, exit functions run, streams flushed. Nothing can be
    /// started afterwards (``PythonStartError/alreadyStarted``); end the process with the status. A script that dies
    /// of an uncaught `KeyboardInterrupt` ends the process by SIGINT, as `python` does.
    ///
    /// - Parameter configuration: `arguments`, `switchInterval`, `poolSize` and `stackSize` are not used.
    package static func runScript(
        _ path: String, arguments: [String], configuration: PythonConfiguration = PythonConfiguration()
    ) throws(PythonStartError) -> Int32 {
        let library = try claim()
        let executable: String
        do {
            executable = try configuration.resolvedExecutable(for: library)
        } catch {
            lifecycle.withLock { $0 = .unused }
            throw error
        }
        var configuration = configuration
        configuration.arguments = [path] + arguments
        if let reason = configuration.initialise(library, executable: executable, script: path) {
            throw .initialisationFailed(reason)
        }
        return library.api.run_main()
    }
}
