import Foundation
import Hummingbird

/// The body of an order: a JSON object of known fields.
///
/// A field that is not known is an error: a typing mistake must not change what is ordered.
struct OrderBody {
    private let values: [String: Value]

    private enum Value: Decodable {
        case text(String)
        case number(Double)
        case flag(Bool)
        case null

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                self = .null
            } else if let flag = try? value.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? value.decode(Double.self) {
                self = .number(number)
            } else {
                self = .text(try value.decode(String.self))
            }
        }
    }

    static let largest = 64 * 1_024

    /// - Parameter fields: Those the order has.
    init(_ request: Request, fields: [String]) async throws(Problem) {
        guard let body = try? await request.body.collect(upTo: Self.largest) else {
            throw Problem(type: "about:blank", title: "The order is too long", status: 413)
        }
        guard let values = try? JSONDecoder().decode([String: Value].self, from: Data(body.readableBytesView)) else {
            throw Problem(type: "about:blank", title: "The order is no JSON object of texts and numbers", status: 400)
        }
        if let unknown = values.keys.sorted().first(where: { !fields.contains($0) }) {
            let title = "There is no field \(unknown.prefix(100))"
            throw Problem(
                type: "about:blank",
                title: title,
                status: 422,
                hint: "fields: \(fields.joined(separator: ", "))"
            )
        }
        self.values = values
    }

    /// - Throws: ``Problem`` if the field is missing or no text.
    func text(_ field: String) throws(Problem) -> String {
        guard let text = try optionalText(field), !text.isEmpty else { throw wrong(field, "a text is required") }
        return text
    }

    func optionalText(_ field: String) throws(Problem) -> String? {
        switch values[field] {
        case nil, .null: nil
        case .text(let text): text
        case .number, .flag: throw wrong(field, "a text is expected")
        }
    }

    func integer(_ field: String) throws(Problem) -> Int? {
        guard let number = try number(field) else { return nil }
        guard let integer = Int(exactly: number) else { throw wrong(field, "a whole number is expected") }
        return integer
    }

    func number(_ field: String) throws(Problem) -> Double? {
        switch values[field] {
        case nil, .null: nil
        case .number(let number): number
        case .text, .flag: throw wrong(field, "a number is expected")
        }
    }

    /// False if it is missing.
    func flag(_ field: String) throws(Problem) -> Bool {
        switch values[field] {
        case nil, .null: false
        case .flag(let flag): flag
        case .text, .number: throw wrong(field, "true or false is expected")
        }
    }

    private func wrong(_ field: String, _ rule: String) -> Problem {
        Problem(type: "about:blank", title: "\(field): \(rule)", status: 422)
    }
}
