import PythonSemantics

/// Python's `pathlib.PurePosixPath`, as far as paths are built with it.
package enum PythonPath {
    /// `str(Path(*parts))`: an absolute part begins anew, double slashes and `.` go, `..` stays.
    package static func join(_ parts: [PyString]) -> PyString {
        var text: PyString = ""
        for part in parts where !part.isEmpty {
            if part.hasPrefix("/") || text.isEmpty { text = part } else { text = text + "/" + part }
        }
        let isAbsolute = text.hasPrefix("/")
        let root: PyString = text.hasPrefix("//") && !text.hasPrefix("///") ? "//" : isAbsolute ? "/" : ""
        let names = text.split("/").filter { !$0.isEmpty && $0 != "." }
        let path = root + PyString.join(names, separator: "/")
        return path.isEmpty ? "." : path
    }

    /// `str(Path(path).parent)`.
    package static func parent(_ path: PyString) -> PyString {
        let clean = join([path])
        guard let (before, _) = clean.splitLast("/") else { return "." }
        return before.isEmpty ? "/" : before == "/" ? "//" : before
    }

    /// A value as one part of a path. Security repair D138: separators and `..` in it do not lead elsewhere.
    package static func part(_ text: PyString) -> PyString {
        text == ".." ? "%2E%2E" : text.replacing("/", with: "%2F")
    }
}
