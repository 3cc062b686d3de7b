package import Foundation

/// A certificate signing request whose key the provider made and keeps (`custom_csrs`).
package struct SigningRequest: Hashable, Sendable {
    package let id: String
    /// PEM, to be signed by an authority of the tenant's choice.
    package let csr: String?
    package let commonName: String?
    package let names: [String]
    package let keyType: Reported<SigningRequestWish.KeyType>?
    package let createdAt: Date?
}

extension SigningRequest: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id, csr
        case commonName = "common_name"
        case names = "sans"
        case keyType = "key_type"
        case createdAt = "created_at"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.id = try fields.decode(String.self, forKey: .id)
        self.csr = fields.text(.csr)
        self.commonName = fields.text(.commonName)
        self.names = fields.items(.names)
        self.keyType = fields.reported(.keyType)
        self.createdAt = fields.time(.createdAt)
    }
}

/// What a signing request is to say.
package struct SigningRequestWish: Hashable, Sendable, Encodable {
    /// The kind of key, which the provider calls by these names.
    package enum KeyType: String, CaseIterable, Hashable, Sendable, Encodable {
        case rsa2048
        case p256 = "p256v1"
    }

    package var country: String
    package var state: String
    package var locality: String
    package var organization: String
    /// At most 64 characters.
    package var commonName: String
    /// At least one name, each at most 255 characters.
    package var names: [String]
    package var keyType = KeyType.p256

    package init(
        country: String,
        state: String,
        locality: String,
        organization: String,
        commonName: String,
        names: [String]
    ) {
        self.country = country
        self.state = state
        self.locality = locality
        self.organization = organization
        self.commonName = commonName
        self.names = names
    }

    private enum CodingKeys: String, CodingKey {
        case country, state, locality, organization
        case commonName = "common_name"
        case names = "sans"
        case keyType = "key_type"
    }
}
