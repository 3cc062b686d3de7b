/// How faithfully, and how annoyingly, the provider's webhooks behave.
package struct WebhookManners: Hashable, Sendable, Codable {
    /// The shape of the body: the one of the page on certificate webhooks, or the envelope of general notifications.
    package enum Shape: String, CaseIterable, Hashable, Sendable, Codable {
        case certificate
        case envelope
        case alternating
    }

    package var shape = Shape.alternating
    /// Whether "failed" comes with each try, as reported, or with the end of the tries only.
    package var failsOnEveryTry = true
    /// The share of webhooks that come twice, from 0 to 1.
    package var duplicates: Double = 0
    /// Whether events of hostnames that were deleted lack id and hostname, as documented for superseded certificates.
    package var forgetsDeleted = true

    /// Both shapes by turns, every failure, no duplicates.
    package init() {}
}

/// Where webhooks go.
package struct WebhookReceiver: Hashable, Sendable {
    package var url: String
    /// Sent as the header `cf-webhook-auth`.
    package var secret: String?

    /// A receiver, with or without a secret.
    package init(url: String, secret: String? = nil) {
        self.url = url
        self.secret = secret
    }
}

extension WebhookReceiver: CustomStringConvertible, CustomReflectable {
    package var description: String { "webhook receiver \(url)" }
    package var customMirror: Mirror { Mirror(self, children: ["url": url]) }
}

/// The account's alerting: where webhooks go, about what, and what is to be sent.
package struct Notifications: Sendable, Codable {
    /// One webhook that waits to be sent.
    struct Delivery: Sendable, Codable {
        var url: String
        var secret: String?
        var body: APIValue
    }

    var destinations: [String: APIValue] = [:]
    var policies: [String: APIValue] = [:]
    /// Secrets by destination; they go out in a header and in no answer.
    var secrets: [String: String] = [:]
    private(set) var outbox: [Delivery] = []
    /// How many were sent, and what came of the last.
    package var delivered = 0
    package var failed = 0
    package var lastTrouble: String?
    let manners: WebhookManners
    var random: SeededRandom
    private var announced = 0

    /// The alert that tells of certificates of custom hostnames.
    static let certificateAlert = "custom_ssl_certificate_event_type"

    init(manners: WebhookManners, receiver: WebhookReceiver?, seed: UInt64, now: VirtualInstant) {
        self.manners = manners
        random = SeededRandom(seed: seed &+ 0x4E_07)
        if let receiver { subscribe(receiver, now: now) }
    }

    /// True if some policy sends certificate events to a webhook.
    var hasListener: Bool { !listeners.isEmpty }

    /// Destinations and the policies that name them.
    private var listeners: [(destination: String, policy: APIValue)] {
        policies.values.sorted { $0["id"]?.string ?? "" < $1["id"]?.string ?? "" }.flatMap { policy in
            guard policy["alert_type"]?.string == Self.certificateAlert, policy["enabled"]?.bool != false else {
                return [(String, APIValue)]()
            }
            let ids = policy["mechanisms"]?["webhooks"]?.array?.compactMap { $0["id"]?.string } ?? []
            return ids.filter { destinations[$0] != nil }.map { ($0, policy) }
        }
    }

    /// Turns a zone's events into webhooks, one for each listener.
    mutating func announce(_ events: inout [CertificateEvent], of zone: SimulatedZone, account: String) {
        for event in events where manners.failsOnEveryTry || event.kind != .validationFailed {
            for (destination, policy) in listeners {
                let body = body(of: event, zone: zone, account: account, policy: policy)
                let isDoubled = Double.random(in: 0..<1, using: &random) < manners.duplicates
                for _ in 0..<(isDoubled ? 2 : 1) { enqueue(body, to: destination) }
            }
        }
        events.removeAll()
    }

    mutating func enqueue(_ body: APIValue, to destination: String) {
        guard let url = destinations[destination]?["url"]?.string else { return }
        outbox.append(Delivery(url: url, secret: secrets[destination], body: body))
    }

    /// What is to be sent, which then counts as being sent.
    mutating func takeOutbox() -> [Delivery] {
        defer { outbox = [] }
        return outbox
    }

    private mutating func body(
        of event: CertificateEvent,
        zone: SimulatedZone,
        account: String,
        policy: APIValue
    ) -> APIValue {
        announced += 1
        let certificate = certificateBody(of: event, zone: zone, account: account)
        let isEnvelope = manners.shape == .envelope || (manners.shape == .alternating && announced % 2 == 0)
        guard isEnvelope else { return certificate }
        return [
            "name": policy["name"] ?? "",
            "text": .string("\(event.kind.type): \(event.hostname.name)"),
            "data": certificate,
            "ts": .integer(Int(event.at.microseconds / 1_000_000)),
            "account_id": .string(account),
            "policy_id": policy["id"] ?? "",
            "policy_name": policy["name"] ?? "",
            "alert_type": .string(Self.certificateAlert),
            "alert_correlation_id": .string(random.uuid()),
            "alert_event": "ALERT_STATE_EVENT_START",
        ]
    }

    private mutating func certificateBody(
        of event: CertificateEvent,
        zone: SimulatedZone,
        account: String
    ) -> APIValue {
        let row = event.hostname.wire(in: zone, now: event.at)
        let isForgotten = manners.forgetsDeleted && event.kind == .deletionSucceeded
        let keys = ["id", "hostname", "ssl", "custom_metadata", "custom_origin_server"]
        var data: APIValue = [:]
        for key in keys where !(isForgotten && ["id", "hostname"].contains(key)) { data[key] = row[key] }
        return [
            "metadata": [
                "event": [
                    "id": .string(random.uuid()),
                    "type": .string(event.kind.type),
                    "created_at": .string(event.at.rfc3339),
                ],
                "account": ["id": .string(account)],
                "zone": ["id": .string(zone.id)],
            ],
            "data": data,
        ]
    }
}

extension Simulation {
    /// Brings the zone to the present, which is when its events come to light, and takes what is to be sent.
    mutating func takeWebhooks(now: VirtualInstant) -> [Notifications.Delivery] {
        if notifications.hasListener {
            zone.keepsEvents = true
            zone.advance(to: now)
            notifications.announce(&zone.events, of: zone, account: account)
        }
        return notifications.takeOutbox()
    }
}
