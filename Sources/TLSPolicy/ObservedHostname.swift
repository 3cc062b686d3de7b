/// What the provider shows of one custom hostname, in plain values.
package struct ObservedHostname: Hashable, Sendable {
    package var providerID: String
    /// The provider's `status`, raw; see ``hostnamePhase``.
    package var status: String?
    /// The provider's `ssl.status`, raw; see ``certificatePhase``.
    package var certificateStatus: String?
    package var settings: ExplicitSettings
    /// `ssl.method` as just read: the provider changes it by itself.
    package var method: String?
    /// `ssl.type` as just read.
    package var type: String?
    package var wildcard: Bool
    /// `nil` if the answer does not tell.
    package var certificateSource: CertificateSource?
    /// The certificates served, as far as they are shown.
    package var certificates: [ObservedCertificate]
    /// The provider's `ssl.certificate_authority`, raw; `nil` if the answer does not tell.
    package var authority: String?

    package init(
        providerID: String,
        status: String?,
        certificateStatus: String?,
        settings: ExplicitSettings = ExplicitSettings(),
        method: String? = nil,
        type: String? = nil,
        wildcard: Bool = false,
        certificateSource: CertificateSource? = nil,
        certificates: [ObservedCertificate] = [],
        authority: String? = nil
    ) {
        self.providerID = providerID
        self.status = status
        self.certificateStatus = certificateStatus
        self.settings = settings
        self.method = method
        self.type = type
        self.wildcard = wildcard
        self.certificateSource = certificateSource
        self.certificates = certificates
        self.authority = authority
    }
}

extension ObservedHostname {
    package var hostnamePhase: HostnamePhase { HostnamePhase(status: status) }

    package var certificatePhase: CertificatePhase { CertificatePhase(status: certificateStatus) }

    /// Whether exactly these certificates are shown, as far as the answer shows any.
    package func shows(_ leaves: [CertificateFacts]) -> Bool {
        certificates.count == leaves.count && leaves.allSatisfy { leaf in certificates.contains { $0.mayBe(leaf) } }
    }

    /// Whether visitors are served: the name is active, perhaps redeploying, and so is the certificate.
    package var isReady: Bool { hostnamePhase == .active && certificatePhase == .active }
}

/// What the provider shows of a certificate it serves.
package struct ObservedCertificate: Hashable, Sendable {
    /// Decimal or hexadecimal digits: the provider's documentation shows both.
    package var serial: String?
    /// SHA-256 of the DER encoding in hexadecimal.
    package var fingerprint: String?
    /// Its end in seconds since 1970.
    package var notAfter: Int64?

    package init(serial: String? = nil, fingerprint: String? = nil, notAfter: Int64? = nil) {
        self.serial = serial
        self.fingerprint = fingerprint
        self.notAfter = notAfter
    }

    /// Whether this may be the given certificate: `false` needs evidence, as a wrong one uploads it again for ever.
    func mayBe(_ certificate: CertificateFacts) -> Bool {
        if let fingerprint { return fingerprint.lowercased() == certificate.fingerprint.lowercased() }
        if let serial { return SerialNumber.areEqual(serial, certificate.serial) }
        return notAfter.map { $0 == certificate.notAfter } ?? true
    }
}

/// Serial numbers of certificates in the two notations in use.
enum SerialNumber {
    /// - Parameters:
    ///   - shown: Decimal or hexadecimal, perhaps with colons.
    ///   - hexadecimal: Hexadecimal.
    static func areEqual(_ shown: String, _ hexadecimal: String) -> Bool {
        let wanted = trimmed(hexadecimal)
        return trimmed(shown) == wanted || hexadecimalDigits(ofDecimal: shown) == wanted
    }

    private static func trimmed(_ text: String) -> String {
        String(text.lowercased().filter { $0 != ":" }.drop { $0 == "0" })
    }

    /// A serial number has at most 20 octets (RFC 5280 section 4.1.2.2), which is 49 decimal digits.
    private static func hexadecimalDigits(ofDecimal text: String) -> String? {
        guard text.utf8.count <= 49, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        var octets: [UInt8] = []  // least significant first
        for digit in text.utf8 {
            var carry = Int(digit) - 0x30
            for place in octets.indices {
                carry += Int(octets[place]) * 10
                octets[place] = UInt8(truncatingIfNeeded: carry)
                carry >>= 8
            }
            if carry > 0 { octets.append(UInt8(truncatingIfNeeded: carry)) }
        }
        let digits = octets.reversed().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return trimmed(digits)
    }
}
