import Foundation
import TLSPolicy
import Testing

@Suite struct CipherSuiteTests {
    /// Names and numbers as `openssl ciphers -V -stdname` prints them (0x000A from the IANA registry).
    static let registry: [(name: String, iana: String, codePoint: UInt16)] = [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xC02B),
        ("ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", 0xCCA9),
        ("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xC02F),
        ("ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xCCA8),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0xC02C),
        ("ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xC030),
        ("ECDHE-ECDSA-AES128-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", 0xC023),
        ("ECDHE-RSA-AES128-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", 0xC027),
        ("ECDHE-ECDSA-AES256-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", 0xC024),
        ("ECDHE-RSA-AES256-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", 0xC028),
        ("AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256", 0x009C),
        ("AES128-SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA256", 0x003C),
        ("AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384", 0x009D),
        ("AES256-SHA256", "TLS_RSA_WITH_AES_256_CBC_SHA256", 0x003D),
        ("ECDHE-ECDSA-AES128-SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", 0xC009),
        ("ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 0xC013),
        ("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA", 0x002F),
        ("ECDHE-RSA-AES256-SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", 0xC014),
        ("AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA", 0x0035),
        ("DES-CBC3-SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", 0x000A),
    ]

    @Test func `the catalogue is the provider's, with the registry's names and numbers`() {
        let catalogue = CipherSuite.settable.map { [$0.name, $0.ianaName, String($0.codePoint)] }
        #expect(catalogue == Self.registry.map { [$0.name, $0.iana, String($0.codePoint)] })
    }

    @Test func `the six suites with SHA-1 work from TLS 1.0, the others at TLS 1.2 only`() {
        let old = [
            "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "AES128-SHA", "ECDHE-RSA-AES256-SHA", "AES256-SHA",
            "DES-CBC3-SHA",
        ]
        #expect(CipherSuite.settable.filter { $0.minimumTLS == .v1_0 }.map(\.name) == old)
        #expect(CipherSuite.settable.filter { $0.minimumTLS == .v1_2 }.count == 14)
        for suite in CipherSuite.settable { #expect(!suite.isUsable(at: .v1_3)) }
    }

    @Test func `3DES is off above TLS 1.0`() throws {
        let suite = try #require(CipherSuite.named("DES-CBC3-SHA"))
        #expect(TLSVersion.allCases.filter(suite.isUsable) == [.v1_0])
        #expect(suite.strength == .broken)
    }

    @Test func `key exchange, authentication and strength follow the name`() {
        for suite in CipherSuite.settable {
            #expect(suite.hasForwardSecrecy == suite.name.contains("ECDHE"))
            #expect((suite.authentication == .ecdsa) == suite.name.contains("ECDSA"))
            #expect((suite.strength == .modern) == TLSProfile.modern1.ciphers?.contains(suite))
        }
    }

    @Test func `a suite is stored as its bare name, and no other text is read`() throws {
        let suites = TLSProfile.pci1.ciphers
        let data = try JSONEncoder().encode(suites)
        #expect(try JSONDecoder().decode([String].self, from: data) == suites?.map(\.name))
        #expect(try JSONDecoder().decode([CipherSuite].self, from: data) == suites)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([CipherSuite].self, from: Data(#"["TLS_AES_128_GCM_SHA256"]"#.utf8))
        }
    }

    @Test func `the profiles are the documented bundles`() {
        func counts(_ profile: TLSProfile) -> [Int] { [profile.ciphers?.count ?? 0, Set(profile.ciphers ?? []).count] }
        #expect(
            TLSProfile.builtIn.map(\.name) == [
                "legacy@1", "fips@1", "compatible@1", "modern@1", "pci@1", "mozilla-intermediate@1", "strict@1",
                "mozilla-modern@1",
            ]
        )
        #expect(TLSProfile.builtIn.map { $0.ciphers?.count ?? 0 } == [20, 17, 10, 6, 6, 6, 0, 0])
        #expect(TLSProfile.builtIn.map(\.minimumTLS) == [.v1_0, .v1_2, .v1_2, .v1_2, .v1_2, .v1_2, .v1_3, .v1_3])
        #expect(Set(TLSProfile.pci1.ciphers ?? []) == Set(TLSProfile.modern1.ciphers ?? []))
        let left = Set(CipherSuite.settable).subtracting(TLSProfile.fips1.ciphers ?? []).map(\.name)
        #expect(Set(left) == ["ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305", "AES256-GCM-SHA384"])
        // Mozilla's intermediate list is every suite with ECDHE and AEAD, and DHE ones the provider has not.
        let intermediate = CipherSuite.settable.filter {
            $0.hasForwardSecrecy && ($0.name.contains("GCM") || $0.name.contains("POLY1305"))
        }
        #expect(Set(TLSProfile.mozillaIntermediate1.ciphers ?? []) == Set(intermediate))
        #expect(!CipherSuite.settable.contains { $0.name.hasPrefix("DHE-") })
        for profile in TLSProfile.builtIn {
            #expect(profile.name.wholeMatch(of: /[a-z0-9][a-z0-9_-]{0,62}@[1-9][0-9]{0,3}/) != nil)
            #expect(counts(profile)[0] == counts(profile)[1], "\(profile.name) names a suite twice")
            #expect(TLSProfile.named(profile.name) == profile)
            #expect(profile.source != nil)
        }
    }
}
