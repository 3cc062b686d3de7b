import Onboarding
import Testing

struct CertificateKeyTests {
    let authority: TestAuthority
    let key: TestKey
    let chain: CertificateChain

    init() throws {
        authority = try TestAuthority()
        key = .p256()
        chain = try CertificateInspector.chain(fromPEM: authority.leaf(key: key).pem)
    }

    private func problem(_ text: String) -> CertificateProblem? {
        #expect(throws: CertificateProblem.self) {
            try CertificateInspector.checkKey(PrivateKeyPEM(text: text), matches: chain)
        }
    }

    @Test func `each kind of key is taken in each of its forms`() throws {
        for key in [TestKey.p256(), .p384(), try .rsa()] {
            let chain = try CertificateInspector.chain(fromPEM: authority.leaf(key: key).pem)
            for form in [key.pkcs8, key.traditional] {
                let checked = try CertificateInspector.checkKey(PrivateKeyPEM(text: form), matches: chain)
                #expect(checked.reveal() == form)
            }
        }
    }

    @Test func `a key is normalised to one block`() throws {
        let untidy = "# from the vault\r\n\(TestKey.curveParameters)\(key.traditional.replacing("\n", with: " \r\n"))"
        let combined = try key.traditional + authority.leaf(key: key).pem

        for text in [untidy, combined] {
            let checked = try CertificateInspector.checkKey(PrivateKeyPEM(text: text), matches: chain)
            #expect(checked.reveal() == key.traditional)
        }
    }

    @Test func `the key of another certificate is refused`() throws {
        let rsaChain = try CertificateInspector.chain(fromPEM: authority.leaf(key: .rsa()).pem)
        let otherRSA = PrivateKeyPEM(text: try TestKey.newRSA().pkcs8)
        #expect(throws: CertificateProblem.keyMismatch) {
            try CertificateInspector.checkKey(otherRSA, matches: rsaChain)
        }

        for other in [TestKey.p256(), .p384(), try .rsa()] {
            #expect(problem(other.pkcs8) == .keyMismatch)
            #expect(problem(other.traditional)?.providerCode == 1429)
        }
    }

    @Test(arguments: ["", "no key", TestKey.curveParameters])
    func `a file without a key is refused`(text: String) {
        #expect(problem(text) == .keyMissing)
        #expect(problem(text)?.providerCode == 1428)
    }

    @Test func `a protected key is refused with the remedy`() {
        let modern = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n"
        let old = """
            -----BEGIN EC PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-256-CBC,57A8C1F9B04E1A0F4E5E0AC1B0F1E2D3

            MIIB
            -----END EC PRIVATE KEY-----
            """

        #expect(problem(TestKey.curveParameters + modern) == .keyEncrypted(block: 2))
        #expect(problem(old) == .keyEncrypted(block: 1))
        #expect(problem(old)?.remedy.contains("openssl pkey") == true)
    }

    @Test func `a key in a form of its own is refused`() {
        let openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nMIIB\n-----END OPENSSH PRIVATE KEY-----\n"

        #expect(problem(openssh) == .keyUnsupported(block: 1))
    }

    @Test func `several keys are refused`() {
        #expect(problem(key.pkcs8 + TestKey.p256().pkcs8) == .severalKeys(blocks: [1, 2]))
    }

    @Test func `a damaged key is refused with its block and line`() {
        let lines = key.pkcs8.split(separator: "\n")
        let cut = (lines.prefix(2) + lines.suffix(1)).joined(separator: "\n")
        let open = lines.dropLast().joined(separator: "\n")

        #expect(problem(TestKey.curveParameters + cut) == .keyUnparsable(block: 2, line: 4, .wrongContent))
        #expect(problem(open) == .keyUnparsable(block: 1, line: 1, .unterminated))
        #expect(problem(open)?.providerCode == 1428)
    }

    @Test func `a key under the label of another kind is refused`() {
        let relabelled = key.pkcs8.replacing("PRIVATE KEY", with: "RSA PRIVATE KEY")

        #expect(problem(relabelled) == .keyUnparsable(block: 1, line: 1, .wrongContent))
    }
}
