/// A stack of parsed values from which finished containers take an array of exactly their size.
struct ValueStack: ~Copyable {
    private var base: UnsafeMutablePointer<PyValue>
    private var capacity = 64
    private(set) var count = 0

    init() { base = .allocate(capacity: 64) }

    deinit {
        base.deinitialize(count: count)
        base.deallocate()
    }

    @inline(__always)
    mutating func push(_ value: consuming PyValue) {
        if count == capacity { grow() }
        (base + count).initialize(to: value)
        count += 1
    }

    mutating func replace(at index: Int, with value: PyValue) {
        precondition(index < count, "only a value on the stack can be replaced")
        base[index] = value
    }

    /// Moves everything above `mark` into an array.
    @inline(__always)
    mutating func pop(to mark: Int) -> [PyValue] {
        let number = count - mark
        count = mark
        let source = base + mark
        return [PyValue](unsafeUninitializedCapacity: number) { buffer, initialized in
            if let target = buffer.baseAddress { target.moveInitialize(from: source, count: number) }
            initialized = number
        }
    }

    @inline(never)
    private mutating func grow() {
        let moved = UnsafeMutablePointer<PyValue>.allocate(capacity: capacity * 2)
        moved.moveInitialize(from: base, count: count)
        base.deallocate()
        base = moved
        capacity *= 2
    }
}
