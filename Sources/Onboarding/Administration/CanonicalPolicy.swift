import Crypto
import Foundation
import Postgres
package import TLSPolicy

/// A tier policy as it is stored: its meaning in one spelling, and the checksum over that.
package struct CanonicalPolicy: Sendable {
    /// JSON with sorted keys; a setting that is not given is absent.
    package let text: String
    /// SHA-256 of the text in lower-case hexadecimal.
    package let checksum: String

    package init(_ policy: TierPolicy) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(policy)
        text = String(decoding: data, as: UTF8.self)
        checksum = SHA256.hash(data: data).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }
}
