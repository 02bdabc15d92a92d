extension ByteWriter {
    /// "00" to "99", two bytes each.
    private static let pairs: [UInt8] = (0..<200).map { (position: Int) -> UInt8 in
        let number = position / 2
        return UInt8(0x30 + (position % 2 == 0 ? number / 10 : number % 10))
    }

    mutating func writeInt(_ value: Int) {
        let magnitude = value.magnitude
        if magnitude < 10 {
            if value < 0 { write(UInt8(ascii: "-")) }
            write(UInt8(truncatingIfNeeded: 0x30 + magnitude))
            return
        }
        let target = reserve(20)
        var written = 0
        if value < 0 {
            target[0] = UInt8(ascii: "-")
            written = 1
        }
        written += Self.writeDigits(UInt64(magnitude), to: target + written)
        advance(written)
    }

    /// Decimal digits of `value` at `target` (room for 20); returns their number.
    @inline(__always)
    private static func writeDigits(_ value: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        var rest = value
        let length = decimalLength(value)
        var index = length
        pairs.withUnsafeBufferPointer { pairs in
            while rest >= 100 {
                let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
                index -= 2
                target[index] = pairs[Int(pair) * 2]
                target[index + 1] = pairs[Int(pair) * 2 + 1]
                rest = quotient
            }
        }
        if rest >= 10 {
            target[index - 1] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
            target[index - 2] = UInt8(truncatingIfNeeded: 0x30 + rest / 10)
        } else {
            target[index - 1] = UInt8(truncatingIfNeeded: 0x30 + rest)
        }
        return length
    }

    @inline(__always)
    private static func decimalLength(_ value: UInt64) -> Int {
        var length = 1
        var bound: UInt64 = 10
        while value >= bound {
            length += 1
            if length == 20 { break }
            bound &*= 10
        }
        return length
    }

    /// `float.__repr__` of a finite value.
    mutating func writeFloat(_ value: Double) {
        if writeShortDecimal(value) { return }
        let text = value.description
        let span = text.utf8.span
        span.withUnsafeBufferPointer { writeRelaid($0) }
    }

    /// Swift's shortest digits in Python's layout: Swift has the same digits, but other limits for the exponent form
    /// (`1e-05` is "1e-05" in both, 2**53 and more are "9007199254740992.0" in Python up to 1e16) and pads to `.0`.
    private mutating func writeRelaid(_ text: UnsafeBufferPointer<UInt8>) {
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { raw in
            let digits = raw.bindMemory(to: UInt8.self)
            var index = 0
            if text.first == UInt8(ascii: "-") {
                write(UInt8(ascii: "-"))
                index = 1
            }
            var number = 0
            var point: Int?
            var exponent = 0
            while index < text.count {
                let byte = text[index]
                index += 1
                if byte == UInt8(ascii: ".") {
                    point = number
                } else if byte == UInt8(ascii: "e") {
                    exponent = Self.readExponent(text, from: index)
                    break
                } else if number < digits.count {
                    digits[number] = byte
                    number += 1
                }
            }
            var position = (point ?? number) + exponent
            var first = 0
            while first < number - 1, digits[first] == 0x30 {
                first += 1
                position -= 1
            }
            while number > first + 1, digits[number - 1] == 0x30 { number -= 1 }
            let shortest = UnsafeBufferPointer(rebasing: digits[first..<number])
            if position > -4 && position <= 16 {
                writeFixed(shortest, position)
            } else {
                writeExponent(shortest, position - 1)
            }
        }
    }

    private static func readExponent(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var value = 0
        var isNegative = false
        for byte in text[start...] {
            if byte == UInt8(ascii: "-") {
                isNegative = true
            } else if byte != UInt8(ascii: "+") {
                value = value * 10 + Int(byte - 0x30)
            }
        }
        return isNegative ? -value : value
    }

    /// Values with at most three decimals and fifteen digits, the bulk of what a node reports: if `m / 10^k` is the
    /// value and `m` has at most 15 digits then those digits are the only short form.
    private mutating func writeShortDecimal(_ value: Double) -> Bool {
        let magnitude = value.magnitude
        guard magnitude < 1e12 else { return false }
        let scaled = (magnitude * 1000).rounded()
        guard scaled / 1000 == magnitude else { return false }
        let thousandths = UInt64(scaled)
        let (whole, fraction) = thousandths.quotientAndRemainder(dividingBy: 1000)
        let target = reserve(32)
        var written = 0
        if value.sign == .minus {
            target[0] = UInt8(ascii: "-")
            written = 1
        }
        written += Self.writeDigits(whole, to: target + written)
        target[written] = UInt8(ascii: ".")
        target[written + 1] = UInt8(truncatingIfNeeded: 0x30 + fraction / 100)
        target[written + 2] = UInt8(truncatingIfNeeded: 0x30 + fraction / 10 % 10)
        target[written + 3] = UInt8(truncatingIfNeeded: 0x30 + fraction % 10)
        written += fraction % 100 == 0 ? 2 : fraction % 10 == 0 ? 3 : 4
        advance(written)
        return true
    }

    private mutating func writeFixed(_ digits: UnsafeBufferPointer<UInt8>, _ position: Int) {
        if position <= 0 {
            write("0.")
            for _ in position..<0 { write(0x30) }
            write(digits)
        } else if position >= digits.count {
            write(digits)
            for _ in digits.count..<position { write(0x30) }
            write(".0")
        } else {
            write(UnsafeBufferPointer(rebasing: digits[..<position]))
            write(UInt8(ascii: "."))
            write(UnsafeBufferPointer(rebasing: digits[position...]))
        }
    }

    private mutating func writeExponent(_ digits: UnsafeBufferPointer<UInt8>, _ exponent: Int) {
        write(digits[0])
        if digits.count > 1 {
            write(UInt8(ascii: "."))
            write(UnsafeBufferPointer(rebasing: digits[1...]))
        }
        write(UInt8(ascii: "e"), exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        if exponent.magnitude < 10 { write(0x30) }
        writeInt(Int(exponent.magnitude))
    }
}
