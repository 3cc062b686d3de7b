package import Foundation

/// How many custom hostnames a zone may have (`custom_hostnames/quota`).
package struct HostnameQuota: Hashable, Sendable {
    /// Soft limit: above it hostnames are still created, and billed.
    package let allocated: Int
    /// Hostnames that exist, pending ones included.
    package let used: Int
    /// True once `used` has reached `allocated`.
    package let exceeded: Bool
    /// Above this many, creation is refused (code 1405); `nil` where the plan has no such limit.
    package let hardCap: Int?

    package init(allocated: Int, used: Int, exceeded: Bool = false, hardCap: Int? = nil) {
        self.allocated = allocated
        self.used = used
        self.exceeded = exceeded
        self.hardCap = hardCap
    }
}

extension HostnameQuota: Decodable {
    private enum CodingKeys: String, CodingKey {
        case allocated, used, exceeded
        case hardCap = "hard_cap"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.allocated = try fields.decode(Int.self, forKey: .allocated)
        self.used = try fields.decode(Int.self, forKey: .used)
        self.exceeded = fields.lenient(.exceeded) ?? (used >= allocated)
        self.hardCap = fields.lenient(.hardCap)
    }
}

/// One setting of the whole zone, which applies wherever a hostname has none of its own.
package struct ZoneSetting<Value: Hashable & Sendable & Decodable>: Hashable, Sendable {
    package let value: Value
    /// False where the plan does not let it be changed.
    package let isEditable: Bool
    package let modifiedOn: Date?

    package init(value: Value, isEditable: Bool = true, modifiedOn: Date? = nil) {
        self.value = value
        self.isEditable = isEditable
        self.modifiedOn = modifiedOn
    }
}

extension ZoneSetting: Decodable {
    private enum CodingKeys: String, CodingKey {
        case value, editable
        case modifiedOn = "modified_on"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.value = try fields.decode(Value.self, forKey: .value)
        self.isEditable = fields.lenient(.editable) ?? true
        self.modifiedOn = fields.time(.modifiedOn)
    }
}

/// What the provider says about the API token in use; it does not say what the token may do.
package struct TokenVerification: Hashable, Sendable {
    package let id: String?
    package let status: Reported<TokenStatus>
    package let notBefore: Date?
    package let expiresOn: Date?

    package init(id: String? = nil, status: TokenStatus, notBefore: Date? = nil, expiresOn: Date? = nil) {
        self.id = id
        self.status = .known(status)
        self.notBefore = notBefore
        self.expiresOn = expiresOn
    }
}

extension TokenVerification: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id, status
        case notBefore = "not_before"
        case expiresOn = "expires_on"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.id = fields.text(.id)
        self.status = try fields.decode(Reported<TokenStatus>.self, forKey: .status)
        self.notBefore = fields.time(.notBefore)
        self.expiresOn = fields.time(.expiresOn)
    }
}

/// The answer to a deletion: the identifier of what was deleted.
package struct DeletedHostname: Hashable, Sendable, Decodable {
    package let id: String

    package init(id: String) {
        self.id = id
    }
}
