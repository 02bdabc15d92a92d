import PythonSemantics

/// Typed reading of environment variables with the legacy's rules (contract 01 section 2.4).
package struct P2PEnvironment: Sendable {
    private let values: [String: String]

    package init(_ values: [String: String]) {
        self.values = values
    }

    /// What an empty value means.
    package enum EmptyRule: Sendable {
        /// The same as no value.
        case isDefault
        /// A text that is no number: the program ends.
        case isText
    }

    /// The text, or the default when the variable is unset.
    package func text(_ name: String, default fallback: String = "") -> String {
        values[name] ?? fallback
    }

    /// `int(text)`. Values outside `Int` are brought to its ends.
    package func int(
        _ name: String, default fallback: Int, empty: EmptyRule = .isDefault
    ) throws(P2PStartupFailure) -> Int {
        guard let text = number(name, empty) else { return fallback }
        switch PyTextNumber.int(text) {
        case .success(let value): return Int(clamping: value)
        case .failure(let failure): throw P2PStartupFailure(message: failure.message)
        }
    }

    /// `float(text)`, which takes `inf`, `nan` and exponents.
    package func float(
        _ name: String, default fallback: Double, empty: EmptyRule = .isDefault
    ) throws(P2PStartupFailure) -> Double {
        guard let text = number(name, empty) else { return fallback }
        switch PyTextNumber.float(text) {
        case .success(let value): return value
        case .failure(let failure): throw P2PStartupFailure(message: failure.message)
        }
    }

    /// Whether the lower-cased text is one of the words. The text is not trimmed.
    package func isOneOf(_ words: Set<String>, _ name: String, default fallback: String) -> Bool {
        words.contains(ArgText.lower(text(name, default: fallback)))
    }

    private func number(_ name: String, _ empty: EmptyRule) -> String? {
        guard let text = values[name] else { return nil }
        switch empty {
        case .isDefault: return text.isEmpty ? nil : text
        case .isText: return text
        }
    }
}
