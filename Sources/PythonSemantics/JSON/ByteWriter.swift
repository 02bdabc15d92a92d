/// A growing output buffer with unchecked appends: the target of the JSON encoder.
///
/// The memory is raw and owned by this non-copyable value; it is freed when the value goes out of scope.
struct ByteWriter: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 16)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// Makes room for `extra` bytes and returns where they go; follow with ``advance(_:)``.
    @inline(__always)
    mutating func reserve(_ extra: Int) -> UnsafeMutablePointer<UInt8> {
        if count + extra > capacity { grow(extra) }
        return base + count
    }

    @inline(__always)
    mutating func advance(_ written: Int) { count += written }

    @inline(never)
    private mutating func grow(_ extra: Int) {
        let larger = max(capacity * 2, count + extra)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: base, count: count)
        base.deallocate()
        base = moved
        capacity = larger
    }

    @inline(__always)
    mutating func write(_ byte: UInt8) {
        reserve(1)[0] = byte
        count += 1
    }

    @inline(__always)
    mutating func write(_ a: UInt8, _ b: UInt8) {
        let target = reserve(2)
        target[0] = a
        target[1] = b
        count += 2
    }

    @inline(__always)
    mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count).update(from: source, count: bytes.count)
        count += bytes.count
    }

    @inline(__always)
    mutating func write(_ text: StaticString) {
        write(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func write(_ text: String) {
        let span = text.utf8.span
        span.withUnsafeBufferPointer { write($0) }
    }

    mutating func removeLast(_ number: Int) { count -= number }

    func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        body(UnsafeBufferPointer(start: base, count: count))
    }
}
