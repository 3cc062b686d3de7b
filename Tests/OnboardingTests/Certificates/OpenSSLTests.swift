import Onboarding
import TLSPolicy
import Testing

/// OpenSSL's opinion of the same certificates: `openssl x509 -noout -fingerprint -sha256 -serial -dates -issuer`.
struct OpenSSLTests {
    @Test func `OpenSSL reads the same facts from an RSA leaf`() throws {
        let pem = OpenSSLCertificates.rsaLeaf + "\n" + OpenSSLCertificates.authority
        let chain = try CertificateInspector.chain(fromPEM: pem)

        let expected = CertificateFacts(
            names: ["shop.acme.com", "*.acme.com", "xn--bcher-kva.example"],
            notBefore: 1_795_463_427,
            notAfter: 2_832_263_427,
            key: .rsa(bits: 2048),
            signature: .ecdsaWithSHA256,
            isAuthority: false,
            serial: "f1e2d3c4b5a6978877665544332211",
            fingerprint: "fda8bbcdbe9fa64ac7eb9c94232f7acc1ace645acd75f386140af4623f998adf",
            issuer: #"CN=Test \"CA\" #1,O=Acme\, Inc.,C=DE"#
        )
        #expect(chain.leaf == expected)
        #expect(chain.linksVerified)
        #expect(chain.includesRoot)
        #expect(!chain.isSelfSigned)
    }

    @Test func `OpenSSL reads the same facts from an EC leaf`() throws {
        let facts = try CertificateInspector.chain(fromPEM: OpenSSLCertificates.ecLeaf).leaf

        #expect(try CertificateInspector.chain(fromPEM: OpenSSLCertificates.ecLeaf).isSelfSigned)
        #expect(facts.serial == "0a")
        #expect(facts.notAfter == 1_803_239_427)
        #expect(facts.fingerprint == "b22bceffb6caa0d3a0c0300ac6d066ec0f890fdd3401c92c31b0b219893da4cd")
        #expect(facts.issuer == "CN=edge.acme.com")
        #expect(facts.key == .ecdsa(bits: 256))
    }

    @Test func `OpenSSL reads the same facts from a SHA-1 leaf`() throws {
        let facts = try CertificateInspector.chain(fromPEM: OpenSSLCertificates.sha1Leaf).leaf

        #expect(facts.signature == .sha1WithRSA)
        #expect(facts.serial == "500f82f9691d88437ed60becbeafd90de3e68ad2")
        #expect(facts.fingerprint == "0e94b3df18494e11fedfdebd1e5273b291e67526e2122e0f50cecb2087cb86cf")
        #expect(facts.names.isEmpty)
    }

    @Test func `OpenSSL's EC key is taken without its parameters`() throws {
        let chain = try CertificateInspector.chain(fromPEM: OpenSSLCertificates.ecLeaf)
        let key = try CertificateInspector.checkKey(PrivateKeyPEM(text: OpenSSLCertificates.ecKey), matches: chain)

        let wanted = OpenSSLCertificates.ecKey.split(separator: "\n").dropFirst(3).joined(separator: "\n") + "\n"
        #expect(key.reveal() == wanted)
    }

    @Test(arguments: [
        (OpenSSLCertificates.smallLeaf, CertificateKey.rsa(bits: 1024)),
        (OpenSSLCertificates.oddCurveLeaf, .other("elliptic curve 1.3.132.0.33")),
    ])
    func `a key that the provider does not take is named`(pem: String, key: CertificateKey) {
        #expect(throws: CertificateProblem.unsupportedKey(block: 1, key)) {
            try CertificateInspector.chain(fromPEM: pem)
        }
    }
}
