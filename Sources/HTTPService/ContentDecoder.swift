import CNIOExtrasZlib
import NIOCore
import PythonSemantics

/// Undoes `Content-Encoding: gzip|deflate` piece by piece, as aiohttp does while a body arrives.
///
/// Used by one task at a time (it belongs to an ``IncomingBody``).
final class ContentDecoder {
    private let coding: String
    /// On the heap because zlib keeps a pointer to it.
    private let stream: UnsafeMutablePointer<cnioextras_z_stream>
    private var isOpen = false
    /// The compressed data said it is complete; what follows is ignored.
    private(set) var reachedEnd = false
    private(set) var hasInput = false
    /// What zlib says of broken data, as Python tells it; nil while the data is sound.
    private var complaint: String?

    init(coding: String) {
        self.coding = coding
        stream = .allocate(capacity: 1)
        stream.initialize(to: cnioextras_z_stream())
        if coding == "gzip" { open(windowBits: 16 + 15) }
    }

    deinit {
        if isOpen { cnioextras_z_inflateEnd(stream) }
        stream.deallocate()
    }

    private func open(windowBits: Int32) {
        isOpen = CNIOExtrasZlib_inflateInit2(stream, windowBits) == CNIOEXTRAS_Z_OK
    }

    /// Appends the plain bytes, at most `limit` of them (the rest is decoded and dropped), and gives their full number.
    /// Throws the error a handler sees when the data is broken.
    func decode(
        _ input: ByteBufferView, into output: inout [UInt8], limit: Int
    ) throws(PyException) -> Int {
        guard let first = input.first else { return 0 }
        if !hasInput, coding == "deflate" {
            // Without a zlib header (method 8) it is taken for a bare deflate stream.
            open(windowBits: first & 0x0F == 8 ? 15 : -15)
        }
        hasInput = true
        guard isOpen else { throw broken }
        guard !reachedEnd else { return 0 }
        var total = 0
        var failed = false
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 65_536) { page in
            input.withUnsafeBytes { source in
                stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: source.bindMemory(to: UInt8.self).baseAddress)
                stream.pointee.avail_in = UInt32(source.count)
                repeat {
                    stream.pointee.next_out = page.baseAddress
                    stream.pointee.avail_out = UInt32(page.count)
                    let result = cnioextras_z_inflate(stream, CNIOEXTRAS_Z_NO_FLUSH)
                    let produced = page.count - Int(stream.pointee.avail_out)
                    let room = max(0, limit - total)
                    output.append(contentsOf: page[..<min(produced, room)])
                    total += produced
                    if result == CNIOEXTRAS_Z_STREAM_END {
                        reachedEnd = true
                        return
                    }
                    if result == CNIOEXTRAS_Z_BUF_ERROR { return }
                    if result != CNIOEXTRAS_Z_OK {
                        failed = true
                        let reason = stream.pointee.msg.map { String(cString: $0) } ?? ""
                        complaint = "Error \(result) while decompressing data: \(reason)"
                        return
                    }
                } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
            }
        }
        if failed { throw broken }
        return total
    }

    /// A deflate body that ended too early; aiohttp notices it for deflate only.
    var isTruncatedDeflate: Bool { coding == "deflate" && hasInput && !reachedEnd }

    /// What the legacy's log shows above the traceback of the error: the errors that led to it.
    var causes: [String] {
        guard let complaint else { return [] }
        return [
            "Traceback (most recent call last):", "zlib.error: \(complaint)", "",
            "During handling of the above exception, another exception occurred:", "",
            "Traceback (most recent call last):", "aiohttp.http_exceptions.ContentEncodingError: 400, message:",
            "  Can not decode content-encoding: \(coding)", "",
            "The above exception was the direct cause of the following exception:", "",
        ]
    }

    private var broken: PyException {
        PyException(
            type: "RequestPayloadError", message: "400, message:\n  Can not decode content-encoding: \(coding)",
            module: "aiohttp.web_protocol")
    }
}
