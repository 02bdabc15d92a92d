internal import CPythonEmbedABI
import Foundation

/// The function table of libCPythonEmbed.so, opened at first use so that `ringrift` starts without Python.
///
/// `@unchecked Sendable`: the table is constant memory of a library that is never closed; which functions need an
/// attached thread is ``AttachmentToken``'s business.
struct CPythonLibrary: @unchecked Sendable {
    let table: UnsafePointer<cpe_api>

    var api: cpe_api { table.pointee }

    /// "3.11.2"
    var version: String { api.version().map { String(cString: $0) } ?? "" }

    /// Where libpython itself lies, nil when the loader does not say.
    var libpythonPath: String? { api.library_path().map { String(cString: $0) } }

    private static let loaded: Result<CPythonLibrary, PythonStartError> = {
        var error: UnsafeMutablePointer<CChar>?
        let argument0 = CommandLine.arguments.first ?? ""  // the test bundle, where a runner is not /proc/self/exe
        let directory = URL(fileURLWithPath: argument0).deletingLastPathComponent().path
        if let table = cpe_load(directory, &error) { return .success(CPythonLibrary(table: table)) }
        guard let error else { return .failure(.libraryMissing("out of memory")) }
        defer { free(error) }
        return .failure(.libraryMissing(String(cString: error)))
    }()

    /// Opens the library once; later calls return the first outcome.
    static func load() throws(PythonStartError) -> CPythonLibrary { try loaded.get() }
}
