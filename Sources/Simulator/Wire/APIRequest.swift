import Foundation

/// One call to the provider's API, free of any HTTP library.
package struct APIRequest: Sendable {
    /// The method in capitals.
    package var method: String
    /// The path without the query, as it came.
    package var path: String
    /// Query values by name, percent-decoded; the last of several wins.
    package var query: [String: String]
    /// The `Authorization` header, if one came.
    package var authorization: String?
    /// The body as it came; never logged.
    package var body: [UInt8]

    /// A call to `target`, which is a path with or without a query.
    package init(method: String, target: String, authorization: String? = nil, body: [UInt8] = []) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.method = method
        self.path = String(parts.first ?? "")
        self.query = Self.decode(query: parts.count > 1 ? String(parts[1]) : "")
        self.authorization = authorization
        self.body = body
    }

    private static func decode(query: String) -> [String: String] {
        let pairs = query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (decode(parts[0]), parts.count > 1 ? decode(parts[1]) : "")
        }
        return Dictionary(pairs, uniquingKeysWith: { _, last in last })
    }

    private static func decode(_ text: Substring) -> String {
        let spaced = text.replacingOccurrences(of: "+", with: " ")
        return spaced.removingPercentEncoding ?? spaced
    }
}
