import Foundation
import Simulator
import TLSPolicy
import usher

/// One hostname to scan: a policy that is brought to the simulator's API, and the certificates it is served with.
struct ScanCase: Sendable {
    /// What the hostname is served with.
    enum Certificate: String, CaseIterable, Sendable {
        case managed, rsa, ecdsa, pair

        /// The kinds of key that are uploaded.
        var uploads: [CertificateAuthority.KeyType] {
            switch self {
            case .managed: []
            case .rsa: [.rsa2048]
            case .ecdsa: [.p256]
            case .pair: [.rsa2048, .p256]
            }
        }

        /// The kinds of key that clients meet.
        var served: [CipherSuite.Authentication] {
            switch self {
            case .managed, .pair: [.rsa, .ecdsa]
            case .rsa: [.rsa]
            case .ecdsa: [.ecdsa]
            }
        }
    }

    /// The tier's name, or the profile's.
    let policy: String
    let effective: EffectivePolicy
    let certificate: Certificate
    /// True if the subdomain of a wildcard is scanned, for which the zone's settings hold.
    var isWildcardChild = false

    /// The custom hostname that is created.
    var hostname: String {
        let kind = isWildcardChild ? "wildcard-" + certificate.rawValue : certificate.rawValue
        return "\(policy.replacing("@", with: "-"))-\(kind).tenant.dev"
    }

    /// The name that is scanned.
    var scanned: String { isWildcardChild ? "a." + hostname : hostname }

    /// What a scanner has to find, by version, in the names of the IANA registry: neither more nor less.
    var expected: [String: Set<String>] {
        let applies = isWildcardChild ? resolve(Self.inheriting) : effective
        var suites: [String: Set<String>] = [:]
        for version in TLSVersion.allCases where version >= applies.effectiveMinimumTLS {
            let names =
                version == .v1_3
                ? applies.effectiveTLS13 == .on ? Self.tls13 : []
                : applies.offeredSuites
                    .filter { $0.isUsable(at: version) && certificate.served.contains($0.authentication) }
                    .map(\.ianaName)
            if !names.isEmpty { suites["TLS \(version)"] = Set(names) }
        }
        return suites
    }

    private static let tls13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]

    private static let inheriting = PolicyRevision(tier: "zone", revision: 1, policy: TierPolicy())

    /// The `ssl` object that creates the hostname.
    func ssl(_ authority: CertificateAuthority) throws -> APIValue {
        let explicit = effective.explicitSettings
        var settings: [String: APIValue] = [:]
        settings["min_tls_version"] = explicit.minimumTLS.map { .string($0.rawValue) }
        settings["tls_1_3"] = explicit.tls13.map { .string($0.rawValue) }
        if !explicit.ciphers.isEmpty { settings["ciphers"] = .array(explicit.ciphers.map(APIValue.string)) }
        var members: [String: APIValue] = ["wildcard": .bool(isWildcardChild)]
        if isWildcardChild { members["method"] = "txt" }
        let pairs = try certificate.uploads.map { try pair($0, authority) }
        if !pairs.isEmpty { members["custom_cert_bundle"] = .array(pairs) }
        return Provider.ssl(.object(settings), with: members)
    }

    private func pair(_ key: CertificateAuthority.KeyType, _ authority: CertificateAuthority) throws -> APIValue {
        let pair = try authority.issue(
            names: isWildcardChild ? [hostname, "*." + hostname] : [hostname],
            key: key,
            notBefore: VirtualInstant.realNow.adding(seconds: -3_600),
            notAfter: VirtualInstant.realNow.adding(seconds: 90 * 86_400)
        )
        return ["custom_certificate": .string(pair.chainPEM), "custom_key": .string(pair.keyPEM)]
    }
}

extension ScanCase {
    /// Every tier of the example file and every built-in profile, with every kind of certificate, and wildcards.
    static let all: [ScanCase] = {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../jobs/tiers.yaml")
        let tiers = TierFile.read(path.standardized.path()).tiers.map { ($0.name, $0.policy) }
        let profiles = TLSProfile.builtIn.map { profile in
            let policy = TierPolicy(
                minimumTLS: profile.minimumTLS,
                ciphers: profile.ciphers,
                tls13: profile.tls13
            )
            return (profile.name, policy)
        }
        let policies = (tiers + profiles).map { name, policy in
            (name, resolve(PolicyRevision(tier: "t", revision: 1, policy: policy)))
        }
        let direct = Certificate.allCases.flatMap { certificate in
            policies.map { ScanCase(policy: $0, effective: $1, certificate: certificate) }
        }
        let children = Certificate.allCases.flatMap { certificate in
            policies.filter { ["enterprise", "fips@1"].contains($0.0) }.map {
                ScanCase(policy: $0, effective: $1, certificate: certificate, isWildcardChild: true)
            }
        }
        return direct + children
    }()

    /// A few that between them hold every profile and every kind of certificate.
    static let sample: [ScanCase] = {
        let names = [
            "free-managed", "pro-managed", "business-rsa", "enterprise-managed", "legacy-1-rsa", "fips-1-managed",
            "compatible-1-ecdsa", "modern-1-pair", "strict-1-rsa", "pci-1-ecdsa", "fips-1-wildcard-managed",
        ]
        return names.compactMap { name in all.first { $0.hostname == name + ".tenant.dev" } }
    }()
}
