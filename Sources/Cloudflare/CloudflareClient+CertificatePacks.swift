/// The two certificates of a hostname that brings an RSA and an ECDSA one, each on its own.
///
/// Kept out of ``HostnameProvider``: onboarding sends both with every edit, so no job needs to touch one alone.
extension CloudflareClient {
    /// Puts another certificate in one's place; the provider takes only one with the same kind of key.
    package func replaceCertificate(
        _ certificateID: String,
        pack packID: String,
        hostname id: String,
        by certificate: CustomCertificate
    ) async throws(CloudflareError) -> Answer<CustomHostname> {
        let body = CertificateReplacement(certificate: certificate)
        return try await send(.init(.replaceCertificate, path(id, packID, certificateID), body: body)).answer
    }

    /// Deletes one of two certificates; the last one is refused.
    package func deleteCertificate(
        _ certificateID: String,
        pack packID: String,
        hostname id: String
    ) async throws(CloudflareError) -> Answer<DeletedHostname> {
        try await send(.init(.deleteCertificate, path(id, packID, certificateID))).answer
    }

    private func path(_ id: String, _ packID: String, _ certificateID: String) -> [String] {
        let hostname = ["zones", settings.zoneID, "custom_hostnames", id]
        return hostname + ["certificate_pack", packID, "certificates", certificateID]
    }
}

/// The body of a replacement: both fields are required, and there is no bundle method.
private struct CertificateReplacement: Encodable, Sendable {
    let certificate: CustomCertificate

    private enum CodingKeys: String, CodingKey {
        case chain = "custom_certificate"
        case key = "custom_key"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(certificate.chain, forKey: .chain)
        try fields.encode(certificate.key, forKey: .key)
    }
}
