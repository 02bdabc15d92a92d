import Foundation
import PythonSemantics

/// As much of JSON Schema (draft 2020-12) as `parity/scenario.schema.json` uses. A keyword it does not know is an
/// error, so that the schema cannot outgrow it unseen.
struct SchemaValidator {
    struct UnknownKeyword: Error {
        var name: String
    }

    let root: PyValue

    private static let annotations: Set<String> = ["$schema", "$id", "$defs", "title", "description", "default"]

    /// - Returns: the place of the first violation, or nil.
    func violation(_ value: PyValue) throws -> String? {
        try check(value, root, "")
    }

    private func check(_ value: PyValue, _ schema: PyValue, _ place: String) throws -> String? {
        guard let keywords = schema.asDict else { return schema.asBool == false ? place : nil }
        for (name, argument) in keywords {
            let word = name.description
            if Self.annotations.contains(word) { continue }
            if let found = try keyword(word, argument, keywords, value, place) { return found }
        }
        return nil
    }

    private func keyword(
        _ word: String, _ argument: PyValue, _ schema: PyDict, _ value: PyValue, _ place: String
    ) throws -> String? {
        func fails(_ failed: Bool) -> String? { failed ? "\(place): \(word)" : nil }
        func valid(_ schema: PyValue?) throws -> Bool { try check(value, schema ?? .bool(true), place) == nil }
        switch word {
        case "$ref":
            let parts = (argument.asString?.description ?? "").split(separator: "/").dropFirst()
            let target = parts.reduce(Optional(root)) { $0?[PyString($1)] }
            return try check(value, target ?? .bool(false), place)
        case "type":
            let wanted = argument.asList ?? [argument]
            return fails(!wanted.contains { Self.isOf($0.asString?.description ?? "", value) })
        case "enum": return fails(!(argument.asList ?? []).contains { Self.same($0, value) })
        case "const": return fails(!Self.same(argument, value))
        case "required":
            guard let fields = value.asDict else { return nil }
            return fails((argument.asList ?? []).contains { fields[$0.asString ?? ""] == nil })
        case "dependentRequired":
            guard let fields = value.asDict else { return nil }
            for (key, needed) in argument.asDict ?? [:] where fields[key] != nil {
                if (needed.asList ?? []).contains(where: { fields[$0.asString ?? ""] == nil }) { return fails(true) }
            }
        case "properties":
            for (key, field) in value.asDict ?? [:] {
                guard let inner = argument[key] else { continue }
                if let found = try check(field, inner, "\(place)/\(key)") { return found }
            }
        case "additionalProperties":
            for (key, field) in value.asDict ?? [:] where schema["properties"]?[key] == nil {
                if let found = try check(field, argument, "\(place)/\(key)") { return found }
            }
        case "items":
            for (index, item) in (value.asList ?? []).enumerated() {
                if let found = try check(item, argument, "\(place)/\(index)") { return found }
            }
        case "minItems": return fails((value.asList?.count ?? .max) < argument.asInt ?? 0)
        case "minLength": return fails((value.asString?.count ?? .max) < argument.asInt ?? 0)
        case "minimum": return fails(value.asDouble.map { $0 < argument.asDouble ?? 0 } ?? false)
        case "maximum": return fails(value.asDouble.map { $0 > argument.asDouble ?? 0 } ?? false)
        case "exclusiveMinimum": return fails(value.asDouble.map { $0 <= argument.asDouble ?? 0 } ?? false)
        case "pattern":
            guard let text = value.asString?.description else { return nil }
            return fails(text.range(of: argument.asString?.description ?? "", options: .regularExpression) == nil)
        case "anyOf": return fails(try !(argument.asList ?? []).contains { try valid($0) })
        case "not": return fails(try valid(argument))
        case "if":
            let then = try valid(argument) ? schema["then"] : schema["else"]
            return try check(value, then ?? .bool(true), place)
        case "then", "else": return nil
        default: throw UnknownKeyword(name: word)
        }
        return nil
    }

    private static func isOf(_ type: String, _ value: PyValue) -> Bool {
        switch (type, value) {
        case ("null", .none), ("boolean", .bool), ("string", .string), ("array", .list), ("object", .dict): true
        case ("integer", .int), ("integer", .bigInt), ("number", .int), ("number", .bigInt), ("number", .float): true
        case ("integer", .float(let number)): number == number.rounded()
        default: false
        }
    }

    private static func same(_ left: PyValue, _ right: PyValue) -> Bool {
        left.pyRepr == right.pyRepr
    }
}
