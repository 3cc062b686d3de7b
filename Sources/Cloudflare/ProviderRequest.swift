import Foundation

/// One request, before it becomes HTTP.
struct ProviderRequest: Sendable {
    let call: ProviderCall
    /// Segments of the path; each must be an identifier, since an empty or crafted one would name another resource.
    let path: [String]
    let query: [(name: String, value: String)]
    let body: (any Encodable & Sendable)?

    init(
        _ call: ProviderCall,
        _ path: [String],
        query: [(name: String, value: String)] = [],
        body: (any Encodable & Sendable)? = nil
    ) {
        self.call = call
        self.path = path
        self.query = query
        self.body = body
    }

    /// Path and query; `nil` if a segment is no identifier.
    var target: String? {
        guard path.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isIdentifierCharacter) }) else { return nil }
        let pairs = query.map { "\($0.name)=\(Self.percentEncoded($0.value))" }
        return "/" + path.joined(separator: "/") + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }

    /// The body as JSON, with secrets in clear: the only encoder that writes them.
    func encodedBody() throws -> Data? {
        guard let body else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if let key = CodingUserInfoKey.revealsSecrets { encoder.userInfo[key] = true }
        return try encoder.encode(body)
    }

    private static func isIdentifierCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// Encodes everything but the unreserved characters (RFC 3986, section 2.3; `~` is encoded too, which is allowed).
    private static func percentEncoded(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, byte in
            if isIdentifierCharacter(byte) || byte == UInt8(ascii: ".") {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
            }
        }
    }
}
