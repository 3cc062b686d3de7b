import Cloudflare
package import Foundation

extension TierFile {
    /// A JSON Schema (draft 2020-12) of a tier file, for editors; made of the tables that the reader goes by.
    ///
    /// It knows each key alone. What contradicts something elsewhere, such as a list beside a minimum of TLS 1.3, only
    /// the reader finds.
    package static func schema() throws -> Data {
        var document = TierReader.shape.schema(orNull: false)
        document["$schema"] = .string("https://json-schema.org/draft/2020-12/schema")
        document["title"] = .string("Usher's tier file")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try encoder.encode(JSONValue.object(document)) + Data("\n".utf8)
    }
}

extension FieldShape {
    /// The schema of one value; a key that may be left out may also be null.
    fileprivate func schema(orNull: Bool) -> [String: JSONValue] {
        func type(_ name: String) -> JSONValue { orNull ? .array([.string(name), .string("null")]) : .string(name) }
        switch self {
        case .text:
            return ["type": type("string"), "minLength": .integer(1)]
        case .pattern(let pattern):
            return ["type": type("string"), "pattern": .string("^(?:\(pattern))$")]
        case .words(let words):
            return ["enum": .array(words.map(JSONValue.string) + (orNull ? [.null] : []))]
        case .flag:
            let words: [JSONValue] = [.bool(true), .bool(false), .string("yes"), .string("no")]
            return ["enum": .array(words + (orNull ? [.null] : []))]
        case .whole(let range):
            return [
                "type": type("integer"), "minimum": .integer(Int64(range.lowerBound)),
                "maximum": .integer(Int64(range.upperBound)),
            ]
        case .list(let element, let least):
            return [
                "type": type("array"), "items": .object(element.schema(orNull: false)), "uniqueItems": .bool(true),
                "minItems": .integer(Int64(least)),
            ]
        case .table(let entries, let least):
            return Self.table(entries, least).merging(["type": type("object")]) { first, _ in first }
        case .names(let pattern, let taken, let element):
            var names: [String: JSONValue] = ["pattern": .string("^(?:\(pattern))$")]
            if !taken.isEmpty { names["not"] = .object(["enum": .array(taken.map(JSONValue.string))]) }
            return [
                "type": type("object"), "propertyNames": .object(names),
                "additionalProperties": .object(element.schema(orNull: false)),
            ]
        case .oneOf(let shapes):
            let choices = shapes.map { JSONValue.object($0.schema(orNull: false)) }
            return ["anyOf": .array(choices + (orNull ? [.object(["type": .string("null")])] : []))]
        }
    }

    private static func table(_ entries: [Entry], _ least: Int) -> [String: JSONValue] {
        var properties: [String: JSONValue] = [:]
        for entry in entries {
            var schema = entry.shape.schema(orNull: !entry.isRequired)
            schema["description"] = .string(entry.note)
            properties[entry.name] = .object(schema)
        }
        return [
            "properties": .object(properties), "additionalProperties": .bool(false),
            "required": .array(entries.filter(\.isRequired).map { .string($0.name) }),
            "minProperties": .integer(Int64(least)),
        ]
    }
}
