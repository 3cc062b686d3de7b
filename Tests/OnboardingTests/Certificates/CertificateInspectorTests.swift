import Onboarding
import TLSPolicy
import Testing
import X509

struct CertificateInspectorTests {
    let authority: TestAuthority

    init() throws {
        authority = try TestAuthority()
    }

    @Test func `a chain gives the facts of its leaf and intermediates`() throws {
        let leaf = try authority.leaf(["Shop.Acme.com", "*.acme.com"], serial: 0x0A0B)
        let chain = try CertificateInspector.chain(fromPEM: leaf.pem + authority.intermediate.pem)

        #expect(chain.leaf.names == ["shop.acme.com", "*.acme.com"])
        #expect(chain.leaf.notBefore == 1_750_000_000)
        #expect(chain.leaf.notAfter == 1_780_000_000)
        #expect(chain.leaf.key == .ecdsa(bits: 256))
        #expect(chain.leaf.signature == .other("ECDSA with SHA-384"))
        #expect(!chain.leaf.isAuthority)
        #expect(chain.leaf.serial == "0a0b")
        #expect(chain.leaf.issuer == #"CN=Test Intermediate,O=Acme\, Inc."#)
        #expect(chain.intermediates.map(\.key) == [.ecdsa(bits: 384)])
        #expect(chain.intermediates.map(\.isAuthority) == [true])
        #expect(chain.linksVerified)
        #expect(!chain.includesRoot)
        #expect(chain.leafPEM == (try leaf.pem))
    }

    @Test func `comments, CRLF, indentation, a byte order mark and missing line ends are taken`() throws {
        let leaf = try authority.leaf()
        let clean = try leaf.pem + authority.intermediate.pem
        let untidy =
            "\u{FEFF}"
            + (try leaf.pem).replacing("\n", with: "\r\n")
            + "subject=CN = Test Intermediate\nBag Attributes: <Empty Attributes>\n\n"
            + (try authority.intermediate.pem).split(separator: "\n").map { "    \($0) " }.joined(separator: "\n")

        let chain = try CertificateInspector.chain(fromPEM: untidy)

        #expect(chain.pem == clean && chain.wasInOrder)
        #expect(chain == (try CertificateInspector.chain(fromPEM: clean)))
    }

    @Test func `lines of any length and the old label are taken and normalised`() throws {
        let clean = try authority.leaf().pem
        let lines = clean.split(separator: "\n")
        let oneLine = lines.dropFirst().dropLast().joined()
        let old = "-----BEGIN X509 CERTIFICATE-----\n\(oneLine)\n-----END X509 CERTIFICATE-----"

        #expect(try CertificateInspector.chain(fromPEM: old).pem == clean)
    }

    @Test func `a chain in any order, with duplicates, is put in order`() throws {
        let leaf = try authority.leaf()
        let parts = try [authority.root.pem, authority.intermediate.pem, leaf.pem, authority.root.pem, leaf.pem]
        let chain = try CertificateInspector.chain(fromPEM: parts.joined())

        #expect(chain.pem == (try leaf.pem + authority.intermediate.pem + authority.root.pem))
        #expect(chain.linksVerified)
        #expect(chain.includesRoot)
        #expect(!chain.wasInOrder && !chain.facts.isInOrder && chain.facts.normalised.isInOrder)
    }

    @Test func `facts of a key are told apart from problems of its file`() throws {
        let leaf = try authority.leaf()
        let chain = try CertificateInspector.chain(fromPEM: leaf.pem + authority.intermediate.pem)
        let own = try chain.facts(with: PrivateKeyPEM(text: TestKey.curveParameters + leaf.key.traditional))
        #expect(own.keyMatches == true && own.hasCurveParameters && own.intermediates == 1)
        let foreign = try chain.facts(with: PrivateKeyPEM(text: TestKey.p256().pkcs8))
        #expect(foreign.keyMatches == false && !foreign.hasCurveParameters)
        #expect(throws: CertificateProblem.keyMissing) { try chain.facts(with: PrivateKeyPEM(text: "")) }
        #expect(chain.facts.keyMatches == nil)
    }

    @Test func `a link that the next certificate did not sign is named`() throws {
        let leaf = try authority.leaf()
        let stranger = try TestAuthority()
        let missing = try CertificateInspector.chain(fromPEM: leaf.pem + authority.root.pem)
        // Same names as the right intermediate, another key.
        let foreign = try CertificateInspector.chain(fromPEM: leaf.pem + stranger.intermediate.pem)
        let later = try CertificateInspector.chain(
            fromPEM: leaf.pem + authority.intermediate.pem + stranger.root.pem
        )

        #expect(missing.firstBrokenLink == 0)
        #expect(foreign.firstBrokenLink == 0)
        #expect(later.firstBrokenLink == 1)
        #expect(!later.linksVerified)
    }

    @Test func `a leaf alone has no broken link`() throws {
        let chain = try CertificateInspector.chain(fromPEM: authority.leaf().pem)

        #expect(chain.linksVerified)
        #expect(chain.intermediates.isEmpty)
    }
}

/// Each way a certificate file can be bad, the block at fault, and the provider's code for it.
struct CertificateProblemTests {
    let authority: TestAuthority
    let leaf: String

    init() throws {
        authority = try TestAuthority()
        leaf = try authority.leaf().pem
    }

    private func problem(_ pem: String) -> CertificateProblem? {
        #expect(throws: CertificateProblem.self) { try CertificateInspector.chain(fromPEM: pem) }
    }

    @Test(arguments: ["", "\n\n", "no certificate here\n", "MIIBhjCCASygAwIBAgIBCjAKBggqhkjO\n"])
    func `a file without blocks is empty`(text: String) {
        #expect(problem(text) == .empty)
        #expect(problem(text)?.providerCode == 1427)
    }

    @Test(arguments: [
        ("-----BEGIN CERTIFICATE-----\nMIIB\n", PEMDefect.unterminated),
        ("-----BEGIN CERTIFICATE-----\nMIIB\n-----BEGIN CERTIFICATE-----\nMIIB\n", .unterminated),
        ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END PKCS7-----\n", .mismatched),
        ("-----END CERTIFICATE-----\n", .strayEnd),
        ("-----BEGIN CERTIFICATE-----\nMI!B\n-----END CERTIFICATE-----\n", .notBase64),
        ("-----BEGIN CERTIFICATE-----\nMIIBA\n-----END CERTIFICATE-----\n", .notBase64),
        ("-----BEGIN CERTIFICATE-----\nMI==IB\n-----END CERTIFICATE-----\n", .notBase64),
        ("-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----\n", .empty),
        ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", .wrongContent),
        ("-----BEGIN CERTIFICATE----\nMIIB\n-----END CERTIFICATE-----\n", .brokenBoundary),
        ("cert: -----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", .brokenBoundary),
        (#"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"#, .brokenBoundary),
    ])
    func `a damaged block is named with its line`(text: String, defect: PEMDefect) {
        #expect(problem(leaf + text) == .unparsable(block: 2, line: leaf.split(separator: "\n").count + 1, defect))
        #expect(problem(leaf + text)?.providerCode == 1426)
    }

    @Test func `every truncation of the leaf is refused`() throws {
        let lines = leaf.split(separator: "\n")
        for count in 1..<lines.count - 1 {
            let cut = (lines.prefix(count) + lines.suffix(1)).joined(separator: "\n")
            #expect(problem(cut)?.providerCode == 1426, "\(count) lines")
        }
    }

    @Test func `several leaves are named`() throws {
        let pem = try leaf + authority.intermediate.pem + authority.leaf(["other.acme.com"]).pem

        #expect(problem(pem) == .severalLeaves(blocks: [1, 3]))
        #expect(problem(pem)?.providerCode == 1444)
    }

    @Test func `authorities alone have no leaf`() throws {
        let pem = try authority.intermediate.pem + authority.root.pem

        #expect(problem(pem) == .noLeaf)
        #expect(problem(pem)?.providerCode == 1445)
    }

    @Test func `a private key in the certificate file is refused before anything else`() throws {
        let broken = "-----BEGIN CERTIFICATE-----\nMI!B\n-----END CERTIFICATE-----\n"
        for key in [TestKey.p256(), try .rsa()].flatMap({ [$0.pkcs8, $0.traditional] }) {
            #expect(problem(broken + leaf + key) == .keyInChain(block: 3))
            #expect(problem(broken + leaf + "key: \(key.dropLast(40))") == .keyInChain(block: 3))
        }
    }

    @Test func `a block of another kind is named`() {
        let parameters = problem(leaf + TestKey.curveParameters)
        let unknown = "-----BEGIN \(leaf.dropFirst(60).prefix(40))-----\nMIIB\n-----END X-----\n"

        #expect(parameters == .foreignBlock(block: 2, kind: "EC PARAMETERS"))
        #expect(parameters?.providerCode == nil)
        #expect(problem(leaf + unknown) != nil)
        #expect(
            problem("-----BEGIN MADE UP-----\nMIIB\n-----END MADE UP-----\n")
                == .foreignBlock(block: 1, kind: "unknown")
        )
    }

    @Test func `a text longer than any chain is refused unread`() {
        let text = String(repeating: "#", count: CertificateInspector.maximumBytes + 1)

        #expect(problem(text) == .tooLarge(bytes: text.count, limit: CertificateInspector.maximumBytes))
    }

    @Test func `a problem says what is wrong, the provider's code and what to do`() {
        let text = problem(leaf + "-----END CERTIFICATE-----\n")?.description ?? ""

        #expect(text.hasPrefix("block 2 (line "))
        #expect(text.contains("an END line but no BEGIN line (the provider's code 1426): supply the leaf"))
    }
}
