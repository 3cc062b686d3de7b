package import TLSPolicy

/// A good answer of the provider.
package struct Answer<Value: Sendable>: Sendable {
    package let value: Value
    /// What the answer says about pace, for the shared budget.
    package let pacing: Pacing
    /// The provider's identifier of the request (`cf-ray`).
    package let ray: String?
    /// The HTTP status, 200…299.
    package let status: Int
    /// Remarks, such as a billing warning above the soft quota; redacted and cut to length.
    package let messages: [String]

    package init(
        value: Value,
        pacing: Pacing = Pacing(),
        ray: String? = nil,
        status: Int = 200,
        messages: [String] = []
    ) {
        self.value = value
        self.pacing = pacing
        self.ray = ray
        self.status = status
        self.messages = messages
    }

    /// The same answer with another value.
    package func map<Other: Sendable>(_ transform: (Value) -> Other) -> Answer<Other> {
        Answer<Other>(value: transform(value), pacing: pacing, ray: ray, status: status, messages: messages)
    }
}

/// The provider as the worker sees it.
///
/// ``CloudflareClient`` is the real one. Every function is exactly one call: nothing is tried again here. Each throws
/// ``CloudflareError``, also when its task is cancelled.
package protocol HostnameProvider: Sendable {
    /// Creates a hostname. After an error with ``CloudflareError/isOutcomeUnknown``, look with
    /// ``findHostname(exact:)``.
    func createHostname(_ creation: HostnameCreation) async throws(CloudflareError) -> Answer<CustomHostname>

    /// One page of hostnames; `page` from 1, `perPage` brought into ``HostnamePage/sizes``.
    func listHostnames(
        page: Int,
        perPage: Int,
        filter: HostnameFilter
    ) async throws(CloudflareError) -> Answer<HostnamePage>

    /// The hostname as it stands; an error of class ``ErrorClass/gone`` once it is deleted.
    func getHostname(id: String) async throws(CloudflareError) -> Answer<CustomHostname>

    /// The hostname with exactly this name, in any case; `nil` if there is none.
    ///
    /// Of several, one that is not deleted or being deleted is preferred.
    func findHostname(exact hostname: String) async throws(CloudflareError) -> Answer<CustomHostname?>

    /// Changes a hostname. The answer is not the proof: read it back.
    func editHostname(id: String, _ edit: HostnameEdit) async throws(CloudflareError) -> Answer<CustomHostname>

    /// Deletes a hostname. It may still be read for a while afterwards, in a status that says so.
    func deleteHostname(id: String) async throws(CloudflareError) -> Answer<DeletedHostname>

    /// How many hostnames the zone has and may have.
    func quota() async throws(CloudflareError) -> Answer<HostnameQuota>

    /// The TLS version required where a hostname sets none.
    func zoneMinimumTLS() async throws(CloudflareError) -> Answer<ZoneSetting<Reported<TLSVersion>>>

    /// The cipher suites allowed where a hostname sets none; empty is the provider's default list.
    func zoneCiphers() async throws(CloudflareError) -> Answer<ZoneSetting<[String]>>

    /// Whether TLS 1.3 is offered where a hostname does not say.
    func zoneTLS13() async throws(CloudflareError) -> Answer<ZoneSetting<Reported<Switch>>>

    /// Whether the token is accepted, which does not say what it may do: ``quota()`` shows that.
    func verifyToken() async throws(CloudflareError) -> Answer<TokenVerification>
}
