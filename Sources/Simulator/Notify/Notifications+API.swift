// The alerting API, as far as a client needs it to have certificate events sent to itself.

extension Notifications {
    /// The answer to a call below `/accounts/{id}/alerting/v3`; `nil` if there is no such call.
    mutating func answer(_ method: String, _ path: [String], _ body: APIValue?, now: VirtualInstant) -> APIAnswer? {
        switch (method, path.first, path.count) {
        case ("GET", "available_alerts", 1): .success(Self.availableAlerts)
        case (_, "policies", 1): collection(method, \.policies, body, now: now, make: policy)
        case (_, "policies", 2): item(method, \.policies, path[1], body, now: now)
        case (_, "destinations", 2) where path[1] == "webhooks":
            collection(method, \.destinations, body, now: now, make: destination)
        case (_, "destinations", 3) where path[1] == "webhooks":
            item(method, \.destinations, path[2], body, now: now)
        default: nil
        }
    }

    /// The three alerts that have to do with certificates, by product.
    ///
    /// Names by inference, texts by the notifications page; a client looks them up here.
    private static let availableAlerts: APIValue = [
        "SSL/TLS": [
            [
                "display_name": "SSL for SaaS Custom Hostnames Alert",
                "type": .string(certificateAlert),
                "description": "Certificates of custom hostnames: validation, issuance, deployment, renewal, deletion",
                "filter_options": [],
            ]
        ],
        "Access": [
            [
                "display_name": "Access mTLS Certificate Expiration Alert",
                "type": "access_custom_certificate_expiration_type",
                "description": "30 and 14 days before a client certificate authority ends",
                "filter_options": [],
            ]
        ],
    ]

    private typealias Shelf = WritableKeyPath<Notifications, [String: APIValue]>

    private mutating func collection(
        _ method: String,
        _ shelf: Shelf,
        _ body: APIValue?,
        now: VirtualInstant,
        make: (String, APIValue, VirtualInstant) throws(APIRefusal) -> APIValue
    ) -> APIAnswer? {
        switch method {
        case "GET":
            let rows = self[keyPath: shelf].sorted { $0.key < $1.key }.map(\.value)
            return .success(
                .array(rows),
                resultInfo: ["count": .integer(rows.count), "total_count": .integer(rows.count)]
            )
        case "POST":
            let id = random.uuid().filter { $0 != "-" }
            return .of { () throws(APIRefusal) in
                guard let body, body.object != nil else { throw .badAlert("the body is no object") }
                self[keyPath: shelf][id] = try make(id, body, now)
                if shelf == \.destinations { greet(id, secret: body["secret"]?.string, now: now) }
                return .success(["id": .string(id)], status: 201)
            }
        default: return nil
        }
    }

    private mutating func item(
        _ method: String,
        _ shelf: Shelf,
        _ id: String,
        _ body: APIValue?,
        now: VirtualInstant
    ) -> APIAnswer? {
        guard var value = self[keyPath: shelf][id] else { return .refusal(.alertNotFound) }
        switch method {
        case "GET": return .success(value)
        case "PUT":
            for (key, new) in body?.object ?? [:] where key != "secret" { value[key] = new }
            if let secret = body?["secret"]?.string { secrets[id] = secret }
            value["modified"] = .string(now.rfc3339)
            self[keyPath: shelf][id] = value
            return .success(["id": .string(id)])
        case "DELETE":
            self[keyPath: shelf][id] = nil
            secrets[id] = nil
            return .success(["id": .string(id)])
        default: return nil
        }
    }

    /// What a client does with two calls: a destination, and a policy that sends certificate events there.
    mutating func subscribe(_ receiver: WebhookReceiver, now: VirtualInstant) {
        var hook: APIValue = ["name": "from the command line", "url": .string(receiver.url)]
        hook["secret"] = receiver.secret.map(APIValue.string)
        let made = answer("POST", ["destinations", "webhooks"], hook, now: now)
        guard let id = made?.json["result"]?["id"] else { return }
        let policy: APIValue = [
            "name": "certificates of custom hostnames",
            "alert_type": .string(Self.certificateAlert),
            "enabled": true,
            "mechanisms": ["webhooks": [["id": id]]],
        ]
        _ = answer("POST", ["policies"], policy, now: now)
    }

    private func policy(_ id: String, _ body: APIValue, _ now: VirtualInstant) throws(APIRefusal) -> APIValue {
        for key in ["name", "alert_type", "mechanisms"] where body[key] == nil || body[key] == .null {
            throw .badAlert("\(key) is required")
        }
        for hook in body["mechanisms"]?["webhooks"]?.array ?? [] {
            guard let id = hook["id"]?.string, destinations[id] != nil else {
                throw .badAlert("mechanisms.webhooks names no destination")
            }
        }
        var policy = body
        policy["id"] = .string(id)
        policy["enabled"] = body["enabled"] ?? true
        policy["created"] = .string(now.rfc3339)
        policy["modified"] = .string(now.rfc3339)
        return policy
    }

    private func destination(_ id: String, _ body: APIValue, _ now: VirtualInstant) throws(APIRefusal) -> APIValue {
        guard let name = body["name"]?.string, let url = body["url"]?.string, url.hasPrefix("http") else {
            throw .badAlert("name and an http url are required")
        }
        return [
            "id": .string(id), "name": .string(name), "url": .string(url), "type": "generic",
            "created_at": .string(now.rfc3339),
        ]
    }

    /// A new destination gets a first message, as third parties report.
    private mutating func greet(_ id: String, secret: String?, now: VirtualInstant) {
        secrets[id] = secret
        let text: APIValue = ["text": "Hello World! This is a test message sent from the provider."]
        enqueue(text, to: id)
    }
}

extension APIRefusal {
    /// The alerting API documents no codes.
    fileprivate static func badAlert(_ reason: String) -> APIRefusal { APIRefusal(400, 17_001, reason) }
    fileprivate static let alertNotFound = APIRefusal(404, 17_002, "No such policy or destination.")
}
