import TLSPolicy

/// One combination of policy, zone and leaf certificates, and what `TLSPolicy` says of it.
struct WireCase: Sendable {
    let list: WireList
    let minimum: TLSVersion?
    let tls13: Switch?
    /// Kinds of key of the tenant's certificates; none is the provider's pair.
    let keys: [CipherSuite.Authentication]
    let zone: ZoneSettings

    var effective: EffectivePolicy {
        let policy = TierPolicy(
            minimumTLS: minimum,
            ciphers: list.suites,
            tls13: tls13,
            customCertificate: .allowed
        )
        return resolve(
            PolicyRevision(tier: "gold", revision: 7, policy: policy),
            wish: HostnameWish(customCertificate: !keys.isEmpty),
            zone: zone
        )
    }

    /// The kinds of key the edge serves.
    var served: [CipherSuite.Authentication] { keys.isEmpty ? [.rsa, .ecdsa] : keys }

    /// What stands against the combination.
    func verdict() throws -> [Contradiction.Kind] {
        judge(
            effective,
            hostname: try Hostname("shop.usher.de"),
            certificates: keys.map(Self.leaf),
            capabilities: .enterprise,
            now: 1_000
        ).map(\.kind)
    }

    /// Whether handshakes without these suites tell as much: the rest of the list has the same verdict.
    func isVisible(without blind: Set<CipherSuite>) throws -> Bool {
        let offered = effective.offeredSuites
        let rest = offered.filter { !blind.contains($0) }
        if rest.count == offered.count { return true }
        // An empty list would be one that inherits.
        guard !rest.isEmpty else { return false }
        let list = WireList(name: list.name, suites: rest)
        let other = WireCase(list: list, minimum: minimum, tls13: tls13, keys: keys, zone: zone)
        return try other.verdict() == verdict()
    }

    /// Facts of a leaf that nothing is wrong with.
    private static func leaf(_ key: CipherSuite.Authentication) -> CertificateFacts {
        CertificateFacts(
            names: ["shop.usher.de"],
            notBefore: 0,
            notAfter: .max,
            key: key == .rsa ? .rsa(bits: 2048) : .ecdsa(bits: 256),
            signature: .sha256WithRSA,
            isAuthority: false,
            serial: key.rawValue,
            fingerprint: key.rawValue,
            issuer: "CN=Test"
        )
    }

    /// Every minimum, switch, list and set of keys, in zones that are wide and narrow.
    static let all: [WireCase] = {
        var cases: [WireCase] = []
        for minimum in [nil] + TLSVersion.allCases.map(Optional.some) {
            for tls13 in [nil, Switch.on, .off] {
                for list in WireList.all {
                    for keys: [CipherSuite.Authentication] in [[], [.rsa], [.ecdsa], [.rsa, .ecdsa]] {
                        // With both set on the hostname the zone decides nothing.
                        let zones = minimum == nil || tls13 == nil ? zones : [ZoneSettings()]
                        cases += zones.map {
                            WireCase(list: list, minimum: minimum, tls13: tls13, keys: keys, zone: $0)
                        }
                    }
                }
            }
        }
        return cases
    }()

    private static let zones = [
        ZoneSettings(), ZoneSettings(minimumTLS: .v1_1, tls13: .off), ZoneSettings(minimumTLS: .v1_2),
        ZoneSettings(minimumTLS: .v1_3),
    ]
}

extension WireCase: CustomStringConvertible {
    var description: String {
        let keys = keys.isEmpty ? "managed" : keys.map(\.rawValue).joined(separator: "+")
        let settings = "min \(minimum?.rawValue ?? "-"), TLS 1.3 \(tls13?.rawValue ?? "-"), list \(list.name)"
        return "\(settings), leaves \(keys), zone \(zone.minimumTLS) TLS 1.3 \(zone.tls13.rawValue)"
    }
}

/// A class of cipher list.
struct WireList: Sendable {
    let name: String
    let suites: [CipherSuite]?

    init(name: String, suites: [CipherSuite]?) {
        self.name = name
        self.suites = suites
    }

    private init(_ name: String, _ names: String...) {
        self.init(name: name, suites: CipherSuite.parse(names).suites)
    }

    static let all = [
        WireList(name: "none", suites: nil),
        WireList(name: "modern@1", suites: TLSProfile.modern1.ciphers),
        WireList(name: "compatible@1", suites: TLSProfile.compatible1.ciphers),
        WireList(name: "fips@1", suites: TLSProfile.fips1.ciphers),
        WireList("ECDSA AEAD", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"),
        WireList("RSA AEAD", "ECDHE-RSA-AES256-GCM-SHA384"),
        WireList("RSA key exchange", "AES128-SHA", "AES256-GCM-SHA384"),
        WireList("ECDSA old", "ECDHE-ECDSA-AES128-SHA"),
        WireList("RSA old, ECDSA 1.2", "ECDHE-RSA-AES256-SHA", "ECDHE-ECDSA-AES128-SHA256"),
        WireList("3DES", "DES-CBC3-SHA"),
        WireList("3DES and RSA 1.2", "DES-CBC3-SHA", "AES256-SHA256"),
        WireList("CBC SHA-2", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384", "AES128-SHA256"),
    ]
}
