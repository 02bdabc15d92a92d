import Comparison
import PythonSemantics

/// Random changes of single values and texts.
enum LeafEdits {
    /// Another value of the same type; nil where there is none (None).
    static func value(_ old: PyValue, _ random: inout SplitMix64) -> PyValue? {
        switch old {
        case .none: return nil
        case .bool(let value): return .bool(!value)
        case .int(let value): return .int(number(value, &random))
        case .bigInt: return .int(random.below(1000))
        case .float(let value): return .float(number(value, &random))
        case .string(let text): return .string(PyString(self.text(text.description, &random)))
        case .list, .dict: return nil
        }
    }

    private static func number(_ old: Int, _ random: inout SplitMix64) -> Int {
        for _ in 0..<8 {
            let next: Int
            switch random.below(6) {
            case 0: next = old &+ 1
            case 1: next = old &- 1
            case 2: next = 0 &- old
            case 3: next = old &* 10
            case 4: next = 0
            default: next = Int(self.text(String(old), &random)) ?? old &+ 7
            }
            if next != old { return next }
        }
        return old &+ 1
    }

    private static func number(_ old: Double, _ random: inout SplitMix64) -> Double {
        for _ in 0..<8 {
            let next: Double
            switch random.below(6) {
            case 0: next = old + 1
            case 1: next = old * Double(random.below(200) + 110) / 100
            case 2: next = -old
            case 3: next = old * 10
            case 4: next = 0
            default: next = Double(self.text("\(old)", &random)) ?? old + 0.5
            }
            if next != old, next.isFinite { return next }
        }
        return old + 1.5
    }

    /// A character changed (digit for digit, letter for letter), a piece missing or more, other words.
    static func text(_ old: String, _ random: inout SplitMix64) -> String {
        var characters = Array(old)
        let solid = characters.indices.filter { characters[$0].isLetter || characters[$0].isNumber }
        guard let place = random.pick(solid) else { return old + "x" }
        switch random.below(8) {
        case 0: characters.remove(at: place)
        case 1: characters.insert(characters[place], at: place)
        case 2: characters += Array(" more")
        case 3: characters = Array("edited")
        default: characters[place] = other(characters[place], &random)
        }
        let next = String(characters)
        return next == old ? old + "x" : next
    }

    private static func other(_ old: Character, _ random: inout SplitMix64) -> Character {
        let alphabet =
            old.isNumber ? "0123456789" : old.isUppercase ? "ABCDEFGHIJKLMNOPQRSTUVWXYZ" : "abcdefghijklmnopqrstuvwxyz"
        return random.pick(alphabet.filter { $0 != old }.map { $0 }) ?? "x"
    }

    /// The value as another type: 5 and 5.0, 1 and "1" and true, null.
    static func type(_ old: PyValue, _ random: inout SplitMix64) -> PyValue {
        var choices: [PyValue] = old.isNone ? [0, "", false, "null"] : [.none]
        switch old {
        case .int(let value): choices += [.float(Double(value)), .string(String(value)), .bool(value != 0)]
        case .float(let value):
            choices.append(.string("\(value)"))
            if abs(value) < 1e15 { choices.append(.int(Int(value))) }
        case .string(let text):
            choices += [.list([old]), .bool(true)]
            choices += Int(text.description).map { [.int($0)] } ?? []
        case .bool(let value): choices += [.int(value ? 1 : 0), .string(value ? "true" : "false")]
        case .list: choices.append([:])
        case .dict: choices.append([])
        default: break
        }
        return random.pick(choices) ?? .none
    }
}
