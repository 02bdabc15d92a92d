extension PythonInterpreter {
    /// Says which Python an interpreter of this configuration would be, without starting one (`ringrift doctor`).
    package static func examine(_ configuration: PythonConfiguration) -> Result<String, PythonStartError> {
        do throws(PythonStartError) {
            let library = try CPythonLibrary.load()
            let executable = try configuration.resolvedExecutable(for: library)
            return .success(
                "Python \(library.version), libpython \(library.libpythonPath ?? "?"), run as \(executable)")
        } catch {
            return .failure(error)
        }
    }
}
