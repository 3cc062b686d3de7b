import SwiftASN1
import X509

/// A certificate that the edge showed.
struct ServedLeaf {
    private let certificate: Certificate

    /// - Throws: If the outcome shows no certificate.
    init(_ outcome: EdgeClient.Outcome) throws {
        certificate = try Certificate(derEncoded: outcome.leaf ?? [])
    }

    var names: [String] {
        let names = try? certificate.extensions.subjectAlternativeNames
        return (names ?? SubjectAlternativeNames()).compactMap { name in
            if case .dnsName(let text) = name { text } else { nil }
        }
    }

    var isECDSA: Bool { "\(certificate.publicKey)".contains("P256") }
}
