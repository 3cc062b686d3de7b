/// What the provider says beside a result: an error, or a remark such as a billing warning.
package struct ProviderMessage: Hashable, Sendable {
    /// The provider's number; its meaning depends on the endpoint.
    package let code: Int?
    /// The provider's text, redacted and cut to length in errors.
    package let message: String
    /// Numbers of the causes it gives (`error_chain`).
    package let causes: [Int]

    package init(code: Int?, message: String, causes: [Int] = []) {
        self.code = code
        self.message = message
        self.causes = causes
    }
}

extension ProviderMessage: Decodable {
    private enum CodingKeys: String, CodingKey {
        case code, message
        case causes = "error_chain"
    }

    /// Reads an object, or a bare text: the reference has messages as both.
    package init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self).replacing("\0", with: "") {
            self.init(code: nil, message: text)
            return
        }
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let causes: [ProviderMessage] = fields.items(.causes)
        self.init(
            code: fields.text(.code).flatMap { Int($0) },
            message: fields.text(.message) ?? fields.text(.code) ?? "",
            causes: causes.flatMap { [$0.code].compactMap(\.self) + $0.causes }
        )
    }
}

extension ProviderMessage: CustomStringConvertible {
    package var description: String {
        ([code.map(String.init), message].compactMap(\.self) + causes.map { "(cause \($0))" }).joined(separator: " ")
    }
}

/// The frame around every result, except where the provider leaves it out (deletion).
struct Envelope<Result: Decodable & Sendable>: Decodable, Sendable {
    let success: Bool
    let errors: [ProviderMessage]
    let messages: [ProviderMessage]
    /// `nil` if there is none; reading it is not tried where the answer says that the call failed.
    let result: Result?
    let page: PageInfo?

    private enum CodingKeys: String, CodingKey {
        case success, errors, messages, result
        case page = "result_info"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.errors = fields.items(.errors)
        self.messages = fields.items(.messages)
        self.page = fields.lenient(.page)
        self.success = fields.lenient(.success) ?? errors.isEmpty
        let isBare = !fields.contains(.success) && !fields.contains(.result) && errors.isEmpty
        if isBare {
            self.result = try Result(from: decoder)
        } else {
            self.result = success ? try fields.decodeIfPresent(Result.self, forKey: .result) : nil
        }
    }
}

/// Where a list page stands (`result_info`).
struct PageInfo: Hashable, Sendable {
    let page: Int?
    let perPage: Int?
    let totalCount: Int?
    let totalPages: Int?
}

extension PageInfo: Decodable {
    private enum CodingKeys: String, CodingKey {
        case page
        case perPage = "per_page"
        case totalCount = "total_count"
        case totalPages = "total_pages"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.page = fields.lenient(.page)
        self.perPage = fields.lenient(.perPage)
        self.totalCount = fields.lenient(.totalCount)
        self.totalPages = fields.lenient(.totalPages)
    }
}

/// A result nobody reads, and which need not be there: of answers that failed, and of deletions.
struct NoResult: Decodable, Sendable {
    init() {}

    init(from decoder: any Decoder) {}
}
