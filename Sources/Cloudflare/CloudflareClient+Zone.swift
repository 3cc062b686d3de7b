package import TLSPolicy

/// The zone's own settings and the token.
///
/// Changing the zone is kept out of ``HostnameProvider``: it touches every hostname at once, so no job may do it.
extension CloudflareClient {
    package func zoneMinimumTLS() async throws(CloudflareError) -> Answer<ZoneSetting<Reported<TLSVersion>>> {
        try await send(.init(.readZoneSetting, setting("min_tls_version"))).answer
    }

    package func zoneCiphers() async throws(CloudflareError) -> Answer<ZoneSetting<[String]>> {
        try await send(.init(.readZoneSetting, setting("ciphers"))).answer
    }

    package func zoneTLS13() async throws(CloudflareError) -> Answer<ZoneSetting<Reported<Switch>>> {
        try await send(.init(.readZoneSetting, setting("tls_1_3"))).answer
    }

    /// Sets the TLS version required of the whole zone.
    package func setZoneMinimumTLS(
        _ version: TLSVersion
    ) async throws(CloudflareError) -> Answer<ZoneSetting<Reported<TLSVersion>>> {
        try await send(.init(.editZoneSetting, setting("min_tls_version"), body: ["value": version.rawValue])).answer
    }

    /// Sets the cipher suites of the whole zone; an empty list puts the provider's default back.
    package func setZoneCiphers(_ ciphers: [String]) async throws(CloudflareError) -> Answer<ZoneSetting<[String]>> {
        try await send(.init(.editZoneSetting, setting("ciphers"), body: ["value": ciphers])).answer
    }

    /// Sets whether the whole zone offers TLS 1.3.
    package func setZoneTLS13(
        _ state: Switch
    ) async throws(CloudflareError) -> Answer<ZoneSetting<Reported<Switch>>> {
        try await send(.init(.editZoneSetting, setting("tls_1_3"), body: ["value": state.rawValue])).answer
    }

    package func verifyToken() async throws(CloudflareError) -> Answer<TokenVerification> {
        let owner = settings.accountID.map { ["accounts", $0] } ?? ["user"]
        return try await send(.init(.verifyToken, owner + ["tokens", "verify"])).answer
    }

    private func setting(_ name: String) -> [String] {
        ["zones", settings.zoneID, "settings", name]
    }
}
