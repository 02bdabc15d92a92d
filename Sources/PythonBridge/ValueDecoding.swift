import BigInt
internal import CPythonEmbedABI
internal import PythonSemantics

/// Bytes that the C side filled; owns their memory.
struct EncodedBuffer: ~Copyable {
    let pointer: UnsafeMutablePointer<cpe_buffer>
    private let library: CPythonLibrary

    init(_ library: CPythonLibrary) {
        self.library = library
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: cpe_buffer())
    }

    deinit {
        library.api.buffer_free(pointer)
        pointer.deallocate()
    }

    /// Moves the bytes out, so that they can leave the attachment.
    consuming func taken() -> DetachedBytes {
        let bytes = DetachedBytes(library, pointer.pointee)
        pointer.pointee = cpe_buffer()
        return bytes
    }

    /// The value inside; needs no attachment.
    borrowing func decoded() -> PyValue {
        var decoder = ValueDecoder(UnsafeRawBufferPointer(start: pointer.pointee.bytes, count: pointer.pointee.count))
        return decoder.value()
    }
}

/// An encoded value that outlives its attachment: plain bytes of the library's heap, no Python object.
///
/// `@unchecked Sendable`: immutable after initialisation.
final class DetachedBytes: @unchecked Sendable {
    private let library: CPythonLibrary
    private var buffer: cpe_buffer

    init(_ library: CPythonLibrary, _ buffer: cpe_buffer) {
        self.library = library
        self.buffer = buffer
    }

    deinit { library.api.buffer_free(&buffer) }

    func decoded() -> PyValue {
        var decoder = ValueDecoder(UnsafeRawBufferPointer(start: buffer.bytes, count: buffer.count))
        return decoder.value()
    }
}

/// A value of a callback's arguments: plain, or an exception.
enum DecodedArgument {
    case value(PyValue)
    case error(PythonError)
}

/// Reads what encode.c wrote. Both sides are one build, so malformed bytes are a defect of ours and trap.
struct ValueDecoder {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func value() -> PyValue {
        let tag = Int(byte())
        switch tag {
        case CPE_TAG_NONE: return .none
        case CPE_TAG_TRUE: return .bool(true)
        case CPE_TAG_FALSE: return .bool(false)
        case CPE_TAG_INT: return .int(Int(Int64(bitPattern: word())))
        case CPE_TAG_FLOAT: return .float(Double(bitPattern: word()))
        case CPE_TAG_BIG_INT:
            let text = String(decoding: take(count()), as: UTF8.self)
            guard let number = BigInt(text, radix: 16) else { preconditionFailure("malformed integer from Python") }
            return .integer(number)
        case CPE_TAG_UTF8, CPE_TAG_CODE_POINTS: return .string(text(tag))
        case CPE_TAG_LIST:
            let count = count()
            var items: [PyValue] = []
            items.reserveCapacity(count)
            for _ in 0..<count { items.append(value()) }
            return .list(items)
        case CPE_TAG_DICT:
            var dict = PyDict()
            for _ in 0..<count() {
                let key = text(Int(byte()))
                dict[key] = value()
            }
            return .dict(dict)
        default: preconditionFailure("unknown tag \(tag) from Python")
        }
    }

    /// The arguments of a callback.
    mutating func arguments() -> [DecodedArgument] {
        precondition(Int(byte()) == CPE_TAG_LIST, "a callback's arguments are a list")
        return (0..<count()).map { _ in
            guard Int(bytes[index]) == CPE_TAG_EXCEPTION else { return .value(value()) }
            index += 1
            return .error(PythonError(fields: value()))
        }
    }

    private mutating func text(_ tag: Int) -> PyString {
        let count = count()
        if tag == CPE_TAG_UTF8 { return PyString(String(decoding: take(count), as: UTF8.self)) }
        precondition(tag == CPE_TAG_CODE_POINTS, "a dict key from Python is text")
        let points = take(count * 4)
        return PyString(
            codePoints: (0..<count).map {
                UInt32(littleEndian: points.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self))
            })
    }

    private mutating func byte() -> UInt8 { take(1)[0] }

    private mutating func word() -> UInt64 { UInt64(littleEndian: take(8).loadUnaligned(as: UInt64.self)) }

    private mutating func count() -> Int { Int(UInt32(littleEndian: take(4).loadUnaligned(as: UInt32.self))) }

    private mutating func take(_ count: Int) -> UnsafeRawBufferPointer {
        precondition(count <= bytes.count - index, "a value from Python ends early")
        defer { index += count }
        return UnsafeRawBufferPointer(rebasing: bytes[index..<(index + count)])
    }
}

extension PythonError {
    /// From the list [module, qualified name, str(e), traceback].
    init(fields: PyValue) {
        let fields = fields.asList ?? []
        func text(_ index: Int) -> PyString { fields.indices.contains(index) ? fields[index].asString ?? "" : "" }
        self.init(
            name: text(1).description, module: text(0).description, text: text(2), traceback: text(3).description)
    }
}
