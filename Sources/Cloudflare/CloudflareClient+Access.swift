/// Authorities whose client certificates the provider's Access product asks for (mutual TLS).
///
/// They belong to the account where one is set, else to the zone. A certificate's text cannot be changed: to rotate,
/// add the new one, move the hostnames, delete the old one.
extension CloudflareClient {
    /// Every authority, at most 1,000; an account has at most 50.
    package func listAccessCertificates() async throws(CloudflareError) -> Answer<[AccessCertificate]> {
        try await send(.init(.listAccessCertificates, certificates, query: [(name: "per_page", value: "1000")])).answer
    }

    /// Adds an authority: PEM, one certificate or a chain, the one nearest the leaf first.
    package func createAccessCertificate(
        name: String,
        certificate: String,
        hostnames: [String]
    ) async throws(CloudflareError) -> Answer<AccessCertificate> {
        let body = AccessCertificateBody(name: name, certificate: certificate, hostnames: hostnames)
        return try await send(.init(.createAccessCertificate, certificates, body: body)).answer
    }

    /// One authority; an error of class ``ErrorClass/gone`` once it is deleted.
    package func getAccessCertificate(id: String) async throws(CloudflareError) -> Answer<AccessCertificate> {
        try await send(.init(.getAccessCertificate, certificates + [id])).answer
    }

    /// Sets all the hostnames it is asked for; those left out are no longer asked.
    package func setAccessCertificate(
        id: String,
        hostnames: [String],
        name: String? = nil
    ) async throws(CloudflareError) -> Answer<AccessCertificate> {
        let body = AccessCertificateBody(name: name, certificate: nil, hostnames: hostnames)
        return try await send(.init(.editAccessCertificate, certificates + [id], body: body)).answer
    }

    /// Deletes an authority; refused as a conflict while it has hostnames, or had them a moment ago.
    package func deleteAccessCertificate(id: String) async throws(CloudflareError) -> Answer<Void> {
        let reply: Reply<NoResult> = try await send(.init(.deleteAccessCertificate, certificates + [id]))
        return reply.answer.map { _ in }
    }

    /// What happens with client certificates, hostname by hostname.
    package func accessSettings() async throws(CloudflareError) -> Answer<[AccessHostnameSettings]> {
        try await send(.init(.readAccessSettings, certificates + ["settings"])).answer
    }

    /// Replaces the settings of these hostnames, which must be of one zone (code 12036).
    package func setAccessSettings(
        _ list: [AccessHostnameSettings]
    ) async throws(CloudflareError) -> Answer<[AccessHostnameSettings]> {
        try await send(.init(.editAccessSettings, certificates + ["settings"], body: ["settings": list])).answer
    }

    private var certificates: [String] {
        (settings.accountID.map { ["accounts", $0] } ?? ["zones", settings.zoneID]) + ["access", "certificates"]
    }
}
