/// From argument strings to values.
extension ArgumentSpec {
    /// The value that the action gets for the strings that were matched to this argument.
    func values(of matched: [String]) throws(ArgumentParseEnd) -> ArgValue {
        var strings = matched
        // The first `--` goes, wherever it came from: `--opt=--` therefore leaves an empty list.
        if let separator = strings.firstIndex(where: { ArgText.equal($0, "--") }) { strings.remove(at: separator) }
        if strings.isEmpty, takesArguments {
            if count == .optional {
                let value = isOption ? const : defaultValue
                guard case .string(let text) = value else { return value }
                return try checked(convert(text))
            }
            if count == .zeroOrMore, !isOption {
                return try checked(defaultValue.isNone ? .list([]) : defaultValue)
            }
        }
        if strings.count == 1, count == .single || count == .optional {
            return try checked(convert(strings[0]))
        }
        var values: [ArgValue] = []
        for string in strings { values.append(try convert(string)) }
        for value in values { _ = try checked(value) }
        return .list(values)
    }

    func convert(_ text: String) throws(ArgumentParseEnd) -> ArgValue {
        switch type.convert(text) {
        case .success(let value): return value
        case .failure(.message(let message)): throw .error(self, message)
        case .failure(.invalidValue): throw .error(self, "invalid \(type.name) value: \(ArgText.repr(text))")
        }
    }

    private func checked(_ value: ArgValue) throws(ArgumentParseEnd) -> ArgValue {
        guard let choices, !choices.contains(where: { $0.pyEquals(value) }) else { return value }
        let allowed = choices.map(\.pyRepr).joined(separator: ", ")
        throw .error(self, "invalid choice: \(value.pyRepr) (choose from \(allowed))")
    }
}
