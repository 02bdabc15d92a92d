import Cutover
import Foundation

/// The options of one `ringrift cutover` command, taken apart: `--name VALUE`, `--name=VALUE`, switches, operands.
struct CutoverOptions {
    /// Wrong usage, for stderr; exit status 2.
    struct Misuse: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var operands: [String] = []
    private var values: [String: [String]] = [:]
    private var switches: Set<String> = []

    /// - Parameters:
    ///   - valued: names of options with a value.
    ///   - plain: names of those without.
    init(_ arguments: [String], valued: [String], plain: [String]) throws(Misuse) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-"), argument != "-" else {
                operands.append(argument)
                continue
            }
            if argument == "--" {
                operands += rest
                break
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if plain.contains(parts[0]) {
                guard parts.count == 1 else { throw Misuse(description: "\(parts[0]) takes no value") }
                switches.insert(parts[0])
            } else if valued.contains(parts[0]) {
                guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
                    throw Misuse(description: "\(parts[0]) needs a value")
                }
                values[parts[0], default: []].append(value)
            } else {
                throw Misuse(description: "unknown option \(FlagAlarm.printable(parts[0]))")
            }
        }
    }

    func has(_ name: String) -> Bool { switches.contains(name) }

    /// The last one.
    func value(_ name: String) -> String? { values[name]?.last }

    func all(_ name: String) -> [String] { values[name] ?? [] }

    /// A number within bounds.
    func number(_ name: String, default standard: Double, in bounds: ClosedRange<Double>) throws(Misuse) -> Double {
        guard let text = value(name) else { return standard }
        guard let number = Double(text), bounds.contains(number) else {
            throw Misuse(
                description: "\(name) \(FlagAlarm.printable(text)): not a number from \(bounds.lowerBound) to "
                    + "\(bounds.upperBound)")
        }
        return number
    }
}
