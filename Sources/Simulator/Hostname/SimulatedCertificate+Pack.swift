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
        var random = bits(of: text)
        return random.uuid()
    }

    /// 64 digits that stand for the SHA-256 of a certificate that exists in name only.
    private func digest(_ text: String) -> String {
        var random = bits(of: "digest" + text)
        return (0..<4).map { _ in hexadecimal(random.next()) }.joined()
    }

    /// By FNV-1a: lists show thousands of them, and nothing here is a secret.
    private func bits(of text: String) -> SeededRandom {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return SeededRandom(seed: hash)
    }
}
