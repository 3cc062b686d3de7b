/// Certificate signing requests whose key stays with the provider.
extension CloudflareClient {
    /// One page of the zone's requests; `page` from 1.
    package func listSigningRequests(page: Int = 1) async throws(CloudflareError) -> Answer<[SigningRequest]> {
        try await send(.init(.listSigningRequests, requests, query: [(name: "page", value: String(page))])).answer
    }

    /// Has the provider make a key and a request for it; a second try after a lost answer makes a second one.
    package func createSigningRequest(
        _ wish: SigningRequestWish
    ) async throws(CloudflareError) -> Answer<SigningRequest> {
        try await send(.init(.createSigningRequest, requests, body: wish)).answer
    }

    /// The request as it stands; an error of class ``ErrorClass/gone`` once it is deleted.
    package func getSigningRequest(id: String) async throws(CloudflareError) -> Answer<SigningRequest> {
        try await send(.init(.getSigningRequest, requests + [id])).answer
    }

    /// Deletes a request with its key; refused while a certificate uses it (code 1420).
    package func deleteSigningRequest(id: String) async throws(CloudflareError) -> Answer<Void> {
        let reply: Reply<NoResult> = try await send(.init(.deleteSigningRequest, requests + [id]))
        return reply.answer.map { _ in }
    }

    private var requests: [String] { ["zones", settings.zoneID, "custom_csrs"] }
}
