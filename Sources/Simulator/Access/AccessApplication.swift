/// A self-hosted application: hostnames that only those get into whom a policy lets in.
struct AccessApplication: Hashable, Sendable, Codable {
    /// One rule of admission; the first that fits decides.
    struct Policy: Hashable, Sendable, Codable {
        let id: String
        var name: String
        var decision: Decision
        /// Somebody who fits one of these is meant.
        var include: [Rule]

        /// What happens to whom the policy means.
        enum Decision: String, Hashable, Sendable, Codable {
            case allow
            case deny
            /// "Service Auth": no identity is asked for, a certificate is enough.
            case nonIdentity = "non_identity"
            case bypass
        }
    }

    /// Whom a policy means.
    enum Rule: Hashable, Sendable, Codable {
        case everyone
        /// Whoever shows a certificate that one of the hostname's authorities vouches for.
        case certificate
        case commonName(String)
        /// A rule that needs an identity, which nobody has at the simulator's edge.
        case identity(String)
    }

    /// A UUID.
    let id: String
    var name: String
    var domains: [String]
    var policies: [Policy]
    let createdAt: VirtualInstant
    var updatedAt: VirtualInstant

    /// The application as the API's result object.
    var wire: APIValue {
        [
            "id": .string(id),
            "name": .string(name),
            "type": "self_hosted",
            "domain": .string(domains.first ?? ""),
            "self_hosted_domains": .array(domains.map(APIValue.string)),
            "policies": .array(policies.map(\.wire)),
            "created_at": .string(createdAt.rfc3339),
            "updated_at": .string(updatedAt.rfc3339),
        ]
    }
}

extension AccessApplication.Policy {
    /// The policy as the API's result object.
    var wire: APIValue {
        [
            "id": .string(id),
            "name": .string(name),
            "decision": .string(decision.rawValue),
            "include": .array(include.map(\.wire)),
        ]
    }

    /// Reads a policy.
    ///
    /// - Throws: 12130.
    init(_ value: APIValue, id: String) throws(APIRefusal) {
        guard let decision = value["decision"]?.string.flatMap(Decision.init(rawValue:)) else {
            throw .badAccess("decision: one of allow, deny, non_identity, bypass is needed")
        }
        guard let rules = value["include"]?.array, !rules.isEmpty else {
            throw .badAccess("include: at least one rule is needed")
        }
        self.id = id
        self.name = try value.text("name") ?? "policy"
        self.decision = decision
        self.include = rules.compactMap(AccessApplication.Rule.init)
        if include.count < rules.count { throw .badAccess("include: a rule is an object with one member") }
    }
}

extension AccessApplication.Rule {
    fileprivate init?(_ value: APIValue) {
        guard let members = value.object, members.count == 1, let (kind, body) = members.first else { return nil }
        switch kind {
        case "everyone": self = .everyone
        case "certificate": self = .certificate
        case "common_name":
            guard let name = body["common_name"]?.string else { return nil }
            self = .commonName(name)
        default: self = .identity(value.text)
        }
    }

    fileprivate var wire: APIValue {
        switch self {
        case .everyone: ["everyone": [:]]
        case .certificate: ["certificate": [:]]
        case .commonName(let name): ["common_name": ["common_name": .string(name)]]
        case .identity(let text): APIValue(parsing: text) ?? [:]
        }
    }
}
