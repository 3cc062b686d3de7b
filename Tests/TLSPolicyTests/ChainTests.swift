import TLSPolicy
import Testing

/// What came with a certificate, the days that must be left, and names too long for a common name.
@Suite struct ChainTests {
    private let sound = ChainFacts(intermediates: 1, keyMatches: true)

    private func judged(
        _ chain: ChainFacts? = nil,
        policy: TierPolicy = TierPolicy(customCertificate: .allowed),
        wish: HostnameWish = HostnameWish(customCertificate: true),
        leaves: [CertificateFacts] = [leaf(.rsa(bits: 2048), notAfter: .max)],
        now: Int64 = 1_000_000
    ) throws -> [Contradiction] {
        judge(
            resolve(gold(policy), wish: wish),
            hostname: try Hostname("shop.usher.de"),
            certificates: leaves.map { leaf in
                var leaf = leaf
                leaf.chain = chain
                return leaf
            },
            capabilities: .enterprise,
            now: now
        )
    }

    private static let single: [(Contradiction.Kind, Int, @Sendable (inout ChainFacts) -> Void)] = [
        (.certificateSelfSigned, 1441, { $0.isSelfSigned = true }),
        (.certificateChainBroken, 1441, { $0.firstBrokenLink = 0 }),
        (.certificateChainIncomplete, 1441, { $0.intermediates = 0 }),
        (.certificateChainRoot, 1441, { $0.includesRoot = true }),
        (.certificateChainOrder, 1441, { $0.isInOrder = false }),
        (.certificateKeyMismatch, 1429, { $0.keyMatches = false }),
        (.certificateCurveParameters, 1428, { $0.hasCurveParameters = true }),
    ]

    @Test(arguments: single.indices)
    func `each thing wrong with a chain is named, with the provider's code`(_ index: Int) throws {
        let (kind, code, spoil) = Self.single[index]
        var chain = sound
        spoil(&chain)
        let found = try judged(chain)
        #expect(found.map(\.kind) == [kind])
        #expect(found.map(\.providerCode) == [code])
        #expect(found.map(\.actor) == [.tenant])
        #expect(found.allSatisfy { "\($0.left)\($0.right)".contains("serial 0a1b") && !$0.remedy.isEmpty })
    }

    @Test func `all that is wrong is named at once, and a sound chain is no matter`() throws {
        var chain = sound
        #expect(try judged(chain) == [])
        chain.keyMatches = nil
        #expect(try judged(chain) == [])
        chain.firstBrokenLink = 2
        chain.intermediates = 3
        chain.includesRoot = true
        chain.isInOrder = false
        chain.keyMatches = false
        chain.hasCurveParameters = true
        let found = try judged(chain)
        #expect(
            found.map(\.kind) == [
                .certificateChainBroken, .certificateChainRoot, .certificateChainOrder, .certificateKeyMismatch,
                .certificateCurveParameters,
            ]
        )
        #expect(found.first?.right.contains("certificate 3") == true)
    }

    @Test func `storing puts order and curve parameters right, and nothing else`() throws {
        var chain = sound
        chain.isInOrder = false
        chain.hasCurveParameters = true
        #expect(try judged(chain.normalised) == [])
        chain.includesRoot = true
        #expect(try judged(chain.normalised).map(\.kind) == [.certificateChainRoot])
    }

    @Test func `a chain counts only where its leaf is served`() throws {
        var chain = sound
        chain.isSelfSigned = true
        #expect(try judged(chain, policy: TierPolicy(), wish: HostnameWish()) == [])
        #expect(try judged(chain).map(\.kind) == [.certificateSelfSigned])
    }

    @Test func `one certificate of each kind is a pair, two of one kind are not`() throws {
        let rsa = leaf(.rsa(bits: 2048), notAfter: .max, serial: "01")
        let ecdsa = leaf(.ecdsa(bits: 256), notAfter: .max, serial: "02")
        #expect(try judged(leaves: [rsa, ecdsa]) == [])
        let twins = leaf(.ecdsa(bits: 384), notAfter: .max, serial: "03")
        let found = try judged(leaves: [rsa, ecdsa, twins])
        #expect(found.map(\.kind) == [.certificatePair])
        #expect(found.first?.left.contains("RSA, 2048 bits; ECDSA, 256 bits; ECDSA, 384 bits") == true)
    }

    /// The tier's days, the days left, and whether they suffice.
    static let days: [(tier: Int?, left: Int64, suffice: Bool)] = [
        (nil, 14, true), (nil, 13, false), (30, 30, true), (30, 29, false), (1, 13, false), (1, 14, true),
    ]

    @Test(arguments: days.indices)
    func `a tier may want more days than the provider, never fewer`(_ index: Int) throws {
        let (tier, left, suffice) = Self.days[index]
        let policy = TierPolicy(customCertificate: .allowed, minimumCertificateDays: tier)
        let ending = leaf(.rsa(bits: 2048), notAfter: 1_000_000 + left * 86_400)
        let found = try judged(policy: policy, leaves: [ending])
        #expect(found.map(\.kind) == (suffice ? [] : [.certificateEndsSoon]))
        let wanted = max(tier ?? 14, 14)
        #expect(found.allSatisfy { $0.left.contains("\(wanted) days") && $0.remedy.contains("\(wanted) days") })
    }

    @Test func `a name above 64 characters needs the provider's branding, or the tenant's certificate`() throws {
        let label = String(repeating: "a", count: 55)
        let fits = try Hostname("\(label).usher.de")
        let long = try Hostname("a\(label).usher.de")
        var plain = ProviderCapabilities.enterprise
        plain.branding = false
        func found(_ name: Hostname, _ capabilities: ProviderCapabilities, custom: Bool = false) -> [Contradiction] {
            judge(
                resolve(
                    gold(TierPolicy(customCertificate: .allowed)),
                    wish: HostnameWish(customCertificate: custom)
                ),
                hostname: name,
                certificates: custom ? [leaf(.rsa(bits: 2048), names: [name.ascii], notAfter: .max)] : [],
                capabilities: capabilities,
                now: 1_000
            )
        }
        #expect(fits.ascii.utf8.count == 64 && long.ascii.utf8.count == 65)
        #expect(found(fits, plain) == [])
        #expect(found(long, .enterprise) == [])
        #expect(found(long, plain, custom: true) == [])
        #expect(found(long, plain).map(\.kind) == [.commonNameTooLong])
        #expect(found(long, plain).map(\.providerCode) == [1469])
        #expect(found(long, plain).map(\.actor) == [.operator])
    }
}
