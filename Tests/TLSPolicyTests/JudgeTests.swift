import TLSPolicy
import Testing

@Suite struct JudgeTests {
    static let now: Int64 = 1_000_000
    static let day: Int64 = 86_400

    private func kinds(
        _ policy: TierPolicy,
        _ wish: HostnameWish = HostnameWish(customCertificate: true),
        _ certificates: [CertificateFacts] = [],
        capabilities: ProviderCapabilities = .enterprise
    ) throws -> [Contradiction.Kind] {
        judge(
            resolve(gold(policy), wish: wish),
            hostname: try Hostname("shop.usher.de"),
            certificates: certificates,
            capabilities: capabilities,
            now: Self.now
        ).map(\.kind)
    }

    private let allowed = TierPolicy(customCertificate: .allowed, wildcard: .directOnly)

    /// An end of validity and what is said of it.
    static let ends: [(Int64, Contradiction.Kind?)] = [
        (now - 1, .certificateExpired), (now, .certificateEndsSoon), (now + 14 * day - 1, .certificateEndsSoon),
        (now + 14 * day, nil), (.max, nil), (.min, .certificateExpired),
    ]

    @Test(arguments: ends.indices)
    func `14 days must be left, to the second`(_ index: Int) throws {
        let (end, expected) = Self.ends[index]
        let found = try kinds(allowed, HostnameWish(customCertificate: true), [leaf(.rsa(bits: 2048), notAfter: end)])
        #expect(found == [expected].compactMap { $0 })
    }

    @Test func `a certificate of tomorrow is not yet valid`() throws {
        let leaves = [leaf(.rsa(bits: 2048), notBefore: Self.now + 1, notAfter: Self.now + 90 * Self.day)]
        #expect(try kinds(allowed, HostnameWish(customCertificate: true), leaves) == [.certificateNotYetValid])
        let begins = [leaf(.rsa(bits: 2048), notBefore: Self.now, notAfter: Self.now + 90 * Self.day)]
        #expect(try kinds(allowed, HostnameWish(customCertificate: true), begins) == [])
    }

    /// Names of a certificate, and whether they cover the direct name and the wildcard's.
    static let names: [([String], direct: Bool, wildcard: Bool)] = [
        (["shop.usher.de"], true, false),
        (["*.usher.de"], true, false),
        (["*.shop.usher.de"], false, false),
        (["shop.usher.de", "*.shop.usher.de"], true, true),
        (["*.usher.de", "*.shop.usher.de"], true, true),
        (["*.de"], false, false),
        (["*"], false, false),
        (["s*.usher.de"], false, false),
        (["www.shop.usher.de"], false, false),
        (["*.*.de"], false, false),
        ([], false, false),
    ]

    @Test(arguments: names.indices)
    func `a wildcard stands for one whole label, the left-most`(_ index: Int) throws {
        let (names, direct, wildcard) = Self.names[index]
        let leaves = [leaf(.rsa(bits: 2048), names: names, notAfter: .max)]
        let single = try kinds(allowed, HostnameWish(customCertificate: true), leaves)
        #expect(single == (direct ? [] : [.certificateNames]))
        let both = try kinds(allowed, HostnameWish(wildcard: true, customCertificate: true), leaves)
        #expect(both == (wildcard ? [] : [.certificateNames]))
    }

    @Test func `algorithms, sizes and authorities the provider refuses are named, all of them`() throws {
        let wish = HostnameWish(customCertificate: true)
        func found(_ key: CertificateKey, _ signature: CertificateSignature) throws -> [Contradiction.Kind] {
            try kinds(allowed, wish, [leaf(key, notAfter: .max, signature: signature)])
        }
        for signature in [CertificateSignature.sha256WithRSA, .sha1WithRSA, .ecdsaWithSHA256] {
            #expect(try found(.rsa(bits: 2048), signature) == [])
        }
        #expect(try found(.rsa(bits: 2047), .sha256WithRSA) == [.certificateKey])
        #expect(try found(.ecdsa(bits: 225), .ecdsaWithSHA256) == [])
        #expect(try found(.ecdsa(bits: 224), .ecdsaWithSHA256) == [.certificateKey])
        #expect(try found(.other("Ed25519"), .other("Ed25519")) == [.certificateSignature, .certificateKey])
        let authority = leaf(.rsa(bits: 1024), names: [], notAfter: 0, signature: .other("MD5"), isAuthority: true)
        #expect(
            try kinds(allowed, wish, [authority]) == [
                .certificateNames, .certificateExpired, .certificateSignature, .certificateKey, .certificateIsAuthority,
            ]
        )
    }

    @Test func `a missing certificate is waited for, and a second of one kind is not taken`() throws {
        let required = TierPolicy(customCertificate: .required)
        #expect(try kinds(required, HostnameWish()) == [.certificateMissing])
        let missing = judge(
            resolve(gold(required)),
            hostname: try Hostname("shop.usher.de"),
            capabilities: .enterprise,
            now: Self.now
        )
        #expect(missing.map(\.isWaiting) == [true])
        #expect(missing.map(\.actor) == [.tenant])
        let twice = [leaf(.rsa(bits: 2048), notAfter: .max), leaf(.rsa(bits: 4096), notAfter: .max)]
        #expect(try kinds(required, HostnameWish(), twice) == [.certificatePair])
    }

    @Test func `tier and plan each say what they lack`() throws {
        let wish = HostnameWish(wildcard: true, customCertificate: true)
        #expect(try kinds(TierPolicy(), wish) == [.customCertificateNotInTier, .wildcardNotInTier])
        let leaves = [leaf(.rsa(bits: 2048), notAfter: .max)]
        #expect(
            try kinds(allowed, wish, leaves, capabilities: .business) == [
                .wildcardNotInPlan, .customCertificateNotInPlan,
            ]
        )
        #expect(try kinds(allowed, wish, leaves) == [])
    }

    @Test func `an ECDSA list and an RSA certificate are both named, and either cure works`() throws {
        let list = CipherSuite.parse(["ECDHE-ECDSA-AES128-GCM-SHA256"]).suites
        let policy = TierPolicy(minimumTLS: .v1_2, ciphers: list, customCertificate: .allowed)
        let wish = HostnameWish(customCertificate: true)
        let rsa = leaf(.rsa(bits: 2048), notAfter: .max, serial: "77")
        let found = judge(
            resolve(gold(policy), wish: wish),
            hostname: try Hostname("shop.usher.de"),
            certificates: [rsa],
            capabilities: .enterprise,
            now: Self.now
        )
        #expect(found.map(\.code) == ["no_suite_for_key"])
        #expect(found.first?.left.contains("ECDHE-ECDSA-AES128-GCM-SHA256") == true)
        #expect(found.first?.right.contains("serial 77") == true && found.first?.right.contains("RSA, 2048") == true)
        #expect(found.map(\.sqlState) == ["UE020"])
        #expect(try kinds(policy, wish, [leaf(.ecdsa(bits: 256), notAfter: .max)]) == [])
        var strict = policy
        strict.minimumTLS = .v1_3
        #expect(try kinds(strict, wish, [rsa]) == [])
    }

    @Test func `a policy that contradicts itself says so without a hostname`() {
        #expect(
            judge(TierPolicy(minimumTLS: .v1_3, ciphers: TLSProfile.modern1.ciphers)).map(\.kind) == [
                .ciphersWithMinimum13
            ]
        )
        #expect(judge(TierPolicy(minimumTLS: .v1_3, tls13: .off)).map(\.kind) == [.tls13OffWithMinimum13])
        #expect(
            judge(TierPolicy(minimumTLS: .v1_1, ciphers: TLSProfile.modern1.ciphers)).map(\.kind) == [.noSuiteAtVersion]
        )
        for profile in TLSProfile.builtIn {
            let policy = TierPolicy(minimumTLS: profile.minimumTLS, ciphers: profile.ciphers, tls13: profile.tls13)
            #expect(judge(policy) == [], "\(profile.name)")
        }
    }

    @Test func `codes are distinct and SQLSTATEs are of the published class`() {
        let published: Set = ["UE012", "UE013", "UE014", "UE015", "UE020", "UE022", "UE023"]
        #expect(Set(Contradiction.Kind.allCases.map(\.sqlState)) == published)
        #expect(Set(Contradiction.Kind.allCases.map(\.rawValue)).count == Contradiction.Kind.allCases.count)
    }
}
