/// The provider's own alarms, which belong to the account: without ``CloudflareSettings/accountID`` nothing is sent.
extension CloudflareClient {
    /// What the account may be alarmed about, by the names that ``NotificationPolicy/alertType`` takes.
    package func availableAlerts() async throws(CloudflareError) -> Answer<[AvailableAlert]> {
        let reply: Reply<[String: [AvailableAlert]]> = try await send(
            .init(.listAvailableAlerts, alerting + ["available_alerts"])
        )
        return reply.answer.map { groups in groups.sorted { $0.key < $1.key }.flatMap(\.value) }
    }

    /// Which alarms go where at present.
    package func listNotificationPolicies() async throws(CloudflareError) -> Answer<[NotificationPolicy]> {
        try await send(.init(.listNotificationPolicies, alerting + ["policies"])).answer
    }

    /// Has the account alarmed; a second try after a lost answer makes a second policy.
    package func createNotificationPolicy(
        _ policy: NotificationPolicy
    ) async throws(CloudflareError) -> Answer<CreatedResource> {
        try await send(.init(.createNotificationPolicy, alerting + ["policies"], body: policy)).answer
    }

    /// Ends an alarm.
    package func deleteNotificationPolicy(id: String) async throws(CloudflareError) -> Answer<Void> {
        let reply: Reply<NoResult> = try await send(.init(.deleteNotificationPolicy, alerting + ["policies", id]))
        return reply.answer.map { _ in }
    }

    /// The addresses alarms may be sent to.
    package func listWebhookDestinations() async throws(CloudflareError) -> Answer<[WebhookDestination]> {
        try await send(.init(.listWebhookDestinations, webhooks)).answer
    }

    /// Names an address for alarms; the provider sends a test message to it at once and refuses it without a 2xx.
    ///
    /// - Parameter secret: Comes with every message in the header `cf-webhook-auth`.
    package func createWebhookDestination(
        name: String,
        url: String,
        secret: Secret
    ) async throws(CloudflareError) -> Answer<CreatedResource> {
        let body = WebhookDestinationBody(name: name, url: url, secret: secret)
        return try await send(.init(.createWebhookDestination, webhooks, body: body)).answer
    }

    /// Forgets an address.
    package func deleteWebhookDestination(id: String) async throws(CloudflareError) -> Answer<Void> {
        let reply: Reply<NoResult> = try await send(.init(.deleteWebhookDestination, webhooks + [id]))
        return reply.answer.map { _ in }
    }

    private var alerting: [String] { ["accounts", settings.accountID ?? "", "alerting", "v3"] }
    private var webhooks: [String] { alerting + ["destinations", "webhooks"] }
}
