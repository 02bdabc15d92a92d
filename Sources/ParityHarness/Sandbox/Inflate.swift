/// Decompresses a gzip body (RFC 1951 and 1952); checks length and form, not the CRC.
enum Inflate {
    static func gunzip(_ data: [UInt8]) -> [UInt8]? {
        guard data.count >= 18, data[0] == 0x1f, data[1] == 0x8b, data[2] == 8 else { return nil }
        let flags = data[3]
        var position = 10
        if flags & 4 != 0 {
            guard position + 2 <= data.count else { return nil }
            position += 2 + Int(data[position]) + Int(data[position + 1]) << 8
        }
        for flag: UInt8 in [8, 16] where flags & flag != 0 {
            while position < data.count, data[position] != 0 { position += 1 }
            position += 1
        }
        if flags & 2 != 0 { position += 2 }
        guard position < data.count else { return nil }
        var bits = Bits(data: data, position: position)
        return inflate(&bits)
    }

    private struct Bits {
        let data: [UInt8]
        var position: Int
        var held: UInt32 = 0
        var count: UInt32 = 0

        mutating func take(_ wanted: UInt32) -> Int? {
            while count < wanted {
                guard position < data.count else { return nil }
                held |= UInt32(data[position]) << count
                position += 1
                count += 8
            }
            defer {
                held >>= wanted
                count -= wanted
            }
            return Int(held & ((1 << wanted) - 1))
        }

        mutating func align() {
            held = 0
            count = 0
        }
    }

    /// Canonical Huffman code: how many codes of each length, and their symbols in order.
    private struct Code {
        var counts = [Int](repeating: 0, count: 16)
        var symbols: [Int] = []

        init(lengths: [Int]) {
            for length in lengths { counts[length] += 1 }
            counts[0] = 0
            for length in 1..<16 {
                for (symbol, own) in lengths.enumerated() where own == length { symbols.append(symbol) }
            }
        }

        func decode(_ bits: inout Bits) -> Int? {
            var code = 0
            var first = 0
            var index = 0
            for length in 1..<16 {
                guard let bit = bits.take(1) else { return nil }
                code |= bit
                let count = counts[length]
                if code - count < first { return symbols[index + code - first] }
                index += count
                first = (first + count) << 1
                code <<= 1
            }
            return nil
        }
    }

    private static func inflate(_ bits: inout Bits) -> [UInt8]? {
        var out: [UInt8] = []
        while true {
            guard let last = bits.take(1), let kind = bits.take(2) else { return nil }
            switch kind {
            case 0:
                bits.align()
                guard let length = bits.take(16), bits.take(16) != nil, bits.position + length <= bits.data.count
                else { return nil }
                out += bits.data[bits.position..<(bits.position + length)]
                bits.position += length
            case 1:
                let literals = Code(
                    lengths: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
                guard block(&bits, literals, Code(lengths: Array(repeating: 5, count: 30)), &out) else { return nil }
            case 2:
                guard let (literals, distances) = codes(&bits), block(&bits, literals, distances, &out) else {
                    return nil
                }
            default: return nil
            }
            if last == 1 { return out }
        }
    }

    private static func codes(_ bits: inout Bits) -> (Code, Code)? {
        guard let literals = bits.take(5), let distances = bits.take(5), let size = bits.take(4) else { return nil }
        let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
        var small = [Int](repeating: 0, count: 19)
        for index in 0..<(size + 4) {
            guard let length = bits.take(3) else { return nil }
            small[order[index]] = length
        }
        let code = Code(lengths: small)
        let total = literals + 257 + distances + 1
        var lengths: [Int] = []
        while lengths.count < total {
            guard let symbol = code.decode(&bits) else { return nil }
            switch symbol {
            case 16:
                guard let previous = lengths.last, let extra = bits.take(2) else { return nil }
                lengths += Array(repeating: previous, count: 3 + extra)
            case 17:
                guard let extra = bits.take(3) else { return nil }
                lengths += Array(repeating: 0, count: 3 + extra)
            case 18:
                guard let extra = bits.take(7) else { return nil }
                lengths += Array(repeating: 0, count: 11 + extra)
            default: lengths.append(symbol)
            }
        }
        guard lengths.count == total else { return nil }
        return (
            Code(lengths: Array(lengths[..<(literals + 257)])), Code(lengths: Array(lengths[(literals + 257)...]))
        )
    }

    private static let lengthBase = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthBits: [UInt32] = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distanceBase = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145, 8193, 12289, 16385, 24577,
    ]

    private static func block(_ bits: inout Bits, _ literals: Code, _ distances: Code, _ out: inout [UInt8]) -> Bool {
        while true {
            guard let symbol = literals.decode(&bits) else { return false }
            if symbol < 256 {
                out.append(UInt8(symbol))
                continue
            }
            if symbol == 256 { return true }
            guard symbol - 257 < lengthBase.count, let extra = bits.take(lengthBits[symbol - 257]),
                let far = distances.decode(&bits), far < distanceBase.count,
                let more = bits.take(far < 2 ? 0 : UInt32(far / 2 - 1))
            else { return false }
            let start = out.count - distanceBase[far] - more
            guard start >= 0 else { return false }
            for index in 0..<(lengthBase[symbol - 257] + extra) { out.append(out[start + index]) }
        }
    }
}
