import TLSPolicy
import Testing

/// Which handshakes a list can make: versions by the kind of key.
///
/// Written by hand from the provider's page of suites, not derived from the code under test.
struct ListCase: Sendable, CustomTestStringConvertible {
    let name: String
    let suites: [String]?
    let rsa: [TLSVersion]
    let ecdsa: [TLSVersion]

    var testDescription: String { name }
    var ciphers: [CipherSuite]? { suites.map { CipherSuite.parse($0).suites } }

    func versions(_ key: CertificateKey) -> [TLSVersion] {
        switch key {
        case .rsa: rsa
        case .ecdsa: ecdsa
        case .other: []
        }
    }

    private static let upTo12: [TLSVersion] = [.v1_0, .v1_1, .v1_2]

    static let all = [
        ListCase(name: "none", suites: nil, rsa: upTo12, ecdsa: upTo12),
        ListCase(name: "empty", suites: [], rsa: upTo12, ecdsa: upTo12),
        ListCase(
            name: "modern",
            suites: ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
            rsa: [.v1_2],
            ecdsa: [.v1_2]
        ),
        ListCase(name: "ECDSA, 1.2", suites: ["ECDHE-ECDSA-CHACHA20-POLY1305"], rsa: [], ecdsa: [.v1_2]),
        ListCase(name: "RSA, 1.2", suites: ["ECDHE-RSA-AES256-GCM-SHA384"], rsa: [.v1_2], ecdsa: []),
        ListCase(name: "ECDSA, old", suites: ["ECDHE-ECDSA-AES128-SHA"], rsa: [], ecdsa: upTo12),
        ListCase(name: "RSA, old", suites: ["AES128-SHA"], rsa: upTo12, ecdsa: []),
        ListCase(name: "3DES", suites: ["DES-CBC3-SHA"], rsa: [.v1_0], ecdsa: []),
        ListCase(
            name: "RSA old, ECDSA 1.2",
            suites: ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA"],
            rsa: upTo12,
            ecdsa: [.v1_2]
        ),
        ListCase(
            name: "3DES and RSA 1.2",
            suites: ["DES-CBC3-SHA", "AES256-SHA256"],
            rsa: [.v1_0, .v1_2],
            ecdsa: []
        ),
    ]
}

/// A certificate that nothing is wrong with.
func leaf(
    _ key: CertificateKey,
    names: [String] = ["shop.usher.de", "*.shop.usher.de"],
    notBefore: Int64 = 0,
    notAfter: Int64 = 90 * 86_400,
    signature: CertificateSignature = .sha256WithRSA,
    isAuthority: Bool = false,
    serial: String = "0a1b"
) -> CertificateFacts {
    CertificateFacts(
        names: names,
        notBefore: notBefore,
        notAfter: notAfter,
        key: key,
        signature: signature,
        isAuthority: isAuthority,
        serial: serial,
        fingerprint: "f0" + serial,
        issuer: "CN=Test"
    )
}

func gold(_ policy: TierPolicy) -> PolicyRevision {
    PolicyRevision(tier: "gold", revision: 7, policy: policy)
}
