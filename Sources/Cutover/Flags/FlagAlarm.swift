/// Something in the environment or in the flags file that was not understood. It never stops a node.
package struct FlagAlarm: Sendable, Equatable, CustomStringConvertible {
    package enum Problem: Sendable, Equatable {
        /// `legacy` is taken for what the name names.
        case unknownValue
        /// The name changes nothing.
        case unknownName
        /// A line of the file that is no assignment; it changes nothing.
        case malformed
        /// The file sets the name again further down, and the last line counts.
        case repeated
    }

    package var problem: Problem
    /// Empty for a malformed line.
    package var variable: String
    package var value: String
    /// Line of the flags file, from 1; nil for the environment.
    package var line: Int?

    package init(problem: Problem, variable: String, value: String, line: Int? = nil) {
        self.problem = problem
        self.variable = variable
        self.value = value
        self.line = line
    }

    package var description: String {
        let place = line.map { "flags.env line \($0): " } ?? ""
        let name = Self.printable(variable)
        let allowed = (FlagName(variable: variable)?.allowedValues ?? []).joined(separator: ", ")
        return switch problem {
        case .unknownValue where variable == FlagName.rollbackVariable:
            "\(place)\(name)=\(Self.printable(value)): unknown value, everything is legacy (allowed: \(allowed))"
        case .unknownValue:
            "\(place)\(name)=\(Self.printable(value)): unknown value, taken as legacy (allowed: \(allowed))"
        // A foreign line of the file may hold a secret, and alarms are logged.
        case .unknownName where line != nil: "\(place)\(name): unknown name, ignored"
        case .unknownName: "\(name)=\(Self.printable(value)): unknown name, ignored"
        case .malformed: "\(place)not NAME=VALUE, ignored"
        case .repeated: "\(place)\(name) is set again further down, the last line counts"
        }
    }

    /// One line of bounded length, whatever the text is.
    package static func printable(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(80).map { scalar in
            scalar.properties.generalCategory == .control ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }.joined()
        return text.unicodeScalars.count > 80 ? shown + "…" : shown
    }
}
