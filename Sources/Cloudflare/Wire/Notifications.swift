/// Something the provider can send an alarm about (`alerting/v3/available_alerts`).
package struct AvailableAlert: Hashable, Sendable, Decodable {
    /// The name a policy gives, such as `custom_ssl_certificate_event_type`.
    package let type: String
    package let title: String?

    private enum CodingKeys: String, CodingKey {
        case type
        case title = "display_name"
    }
}

/// Which alarm goes where (`alerting/v3/policies`).
package struct NotificationPolicy: Hashable, Sendable {
    /// `nil` for one that is to be created.
    package var id: String?
    package var name: String
    package var alertType: String
    package var isEnabled: Bool
    /// Identifiers of ``WebhookDestination``.
    package var webhooks: [String]
    /// Addresses.
    package var mail: [String]

    package init(name: String, alertType: String, isEnabled: Bool = true, webhooks: [String] = [], mail: [String] = [])
    {
        self.name = name
        self.alertType = alertType
        self.isEnabled = isEnabled
        self.webhooks = webhooks
        self.mail = mail
    }
}

extension NotificationPolicy: Codable {
    private enum CodingKeys: String, CodingKey {
        case id, name, mechanisms
        case alertType = "alert_type"
        case isEnabled = "enabled"
    }

    private struct Mechanism: Codable {
        var id: String
    }

    private enum MechanismKeys: String, CodingKey {
        case webhooks, email
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.id = fields.text(.id)
        self.name = fields.text(.name) ?? ""
        self.alertType = fields.text(.alertType) ?? ""
        self.isEnabled = fields.lenient(.isEnabled) ?? false
        let mechanisms = try? fields.nestedContainer(keyedBy: MechanismKeys.self, forKey: .mechanisms)
        let webhooks: [Mechanism] = mechanisms?.items(.webhooks) ?? []
        let mail: [Mechanism] = mechanisms?.items(.email) ?? []
        self.webhooks = webhooks.map(\.id)
        self.mail = mail.map(\.id)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(alertType, forKey: .alertType)
        try fields.encode(isEnabled, forKey: .isEnabled)
        var mechanisms = fields.nestedContainer(keyedBy: MechanismKeys.self, forKey: .mechanisms)
        if !webhooks.isEmpty { try mechanisms.encode(webhooks.map(Mechanism.init), forKey: .webhooks) }
        if !mail.isEmpty { try mechanisms.encode(mail.map(Mechanism.init), forKey: .email) }
    }
}

/// An address that alarms are sent to (`alerting/v3/destinations/webhooks`).
package struct WebhookDestination: Hashable, Sendable, Decodable {
    package let id: String
    package let name: String?
    package let url: String?
}

/// The body of a new destination; unlike every other place, it holds the secret in clear.
struct WebhookDestinationBody: Encodable, Sendable {
    let name: String
    let url: String
    let secret: Secret
}
