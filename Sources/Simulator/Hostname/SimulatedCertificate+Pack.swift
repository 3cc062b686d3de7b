import Crypto

// The single certificates of one hostname: `ssl.certificates`, which calls on a certificate pack name by id.

extension SimulatedCertificate {
    /// The certificates as the API shows them; none before there is one.
    var shownCertificates: [APIValue] {
        guard isManaged else { return configuration.uploads.map(shown) }
        guard let issued else { return [] }
        // The provider obtains one for each key type, P-256 and RSA 2048.
        return ["ECDSAWithSHA256", "SHA256WithRSA"].map { signature in
            [
                "id": .string(identifier(of: issued.serialNumber + signature)),
                "issuer": "GoogleTrustServices",
                "serial_number": .string(issued.serialNumber),
                "signature": .string(signature),
                "issued_on": .string(issued.issuedAt.rfc3339),
                "expires_on": .string(issued.expiresAt.rfc3339),
                "fingerprint_sha256": .string(digest(issued.serialNumber + signature)),
            ]
        }
    }

    /// The id of an uploaded certificate.
    func identifier(of upload: UploadedCertificate) -> String { identifier(of: upload.facts.fingerprint) }

    private func shown(_ upload: UploadedCertificate) -> APIValue {
        [
            "id": .string(identifier(of: upload)),
            "issuer": .string(upload.facts.issuer),
            "serial_number": .string(upload.facts.serialNumber),
            "signature": .string(upload.facts.signature),
            "issued_on": .string(upload.facts.notBefore.rfc3339),
            "expires_on": .string(upload.facts.notAfter.rfc3339),
            "fingerprint_sha256": .string(upload.facts.fingerprint),
        ]
    }

    /// A UUID that follows from pack and certificate, so that no table of ids is needed.
    private func identifier(of text: String) -> String {
        let bytes = SHA256.hash(data: Array((id + text).utf8)).prefix(8)
        var random = SeededRandom(seed: bytes.reduce(0) { $0 << 8 | UInt64($1) })
        return random.uuid()
    }

    private func digest(_ text: String) -> String {
        SHA256.hash(data: Array((id + text).utf8)).map { hexadecimal(UInt64($0)).suffix(2) }.joined()
    }
}
