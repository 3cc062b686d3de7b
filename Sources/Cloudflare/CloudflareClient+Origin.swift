/// What a zone needs before any hostname can become active, and what tenants may delegate to it.
extension CloudflareClient {
    /// Where traffic goes for hostnames without an origin of their own; nothing activates while it is not active.
    package func fallbackOrigin() async throws(CloudflareError) -> Answer<FallbackOrigin> {
        try await send(.init(.readFallbackOrigin, origin)).answer
    }

    /// Sets the fallback origin, a record of the zone.
    package func setFallbackOrigin(_ name: String) async throws(CloudflareError) -> Answer<FallbackOrigin> {
        try await send(.init(.setFallbackOrigin, origin, body: ["origin": name])).answer
    }

    /// Takes the fallback origin away; hostnames that are not yet active then never become so.
    package func deleteFallbackOrigin() async throws(CloudflareError) -> Answer<Void> {
        let reply: Reply<NoResult> = try await send(.init(.deleteFallbackOrigin, origin))
        return reply.answer.map { _ in }
    }

    /// The zone's part of the name that a tenant's `_acme-challenge` may point at once and for all.
    package func dcvDelegation() async throws(CloudflareError) -> Answer<DCVDelegation> {
        try await send(.init(.readDCVDelegation, ["zones", settings.zoneID, "dcv_delegation", "uuid"])).answer
    }

    private var origin: [String] { ["zones", settings.zoneID, "custom_hostnames", "fallback_origin"] }
}
