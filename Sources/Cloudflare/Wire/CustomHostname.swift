package import Foundation

/// A custom hostname as the provider reports it (API reference, custom hostnames).
///
/// Only `id` and `hostname` are required of an answer; everything else may be missing at some stage of a hostname's
/// life.
package struct CustomHostname: Hashable, Sendable {
    /// The provider's identifier; a hostname deleted and created again has another one.
    package let id: String
    /// The name as the provider holds it, an A-label.
    package let hostname: String
    /// `nil` where the answer had none: not active.
    package var status: Reported<HostnameStatus>?
    /// Why the name is not yet proven, in the provider's words.
    package var verificationErrors: [String] = []
    /// When the hostname was created at the provider.
    package var createdAt: Date?
    /// The TXT record that proves the name before its DNS points here; gone from answers once proven.
    package var ownershipTXT: OwnershipTXT?
    /// The HTTP token with the same purpose.
    package var ownershipHTTP: OwnershipHTTP?
    /// `nil` for a hostname without a certificate.
    package var ssl: SSL?

    package init(id: String, hostname: String, status: HostnameStatus? = nil, ssl: SSL? = nil) {
        self.id = id
        self.hostname = hostname
        self.status = status.map(Reported.known)
        self.ssl = ssl
    }

    /// True once traffic is served with a valid certificate: name and certificate are both active.
    package var isReady: Bool {
        let isNameActive = status?.value == .active || status?.value == .activeRedeploying
        return isNameActive && ssl?.status?.value == .active
    }
}

/// A TXT record by which the owner of a name proves it.
package struct OwnershipTXT: Hashable, Sendable, Codable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A URL and the body it must answer, by which the owner of a name proves it.
package struct OwnershipHTTP: Hashable, Sendable, Codable {
    package let url: String
    package let body: String

    package init(url: String, body: String) {
        self.url = url
        self.body = body
    }

    private enum CodingKeys: String, CodingKey {
        case url = "http_url"
        case body = "http_body"
    }
}

extension CustomHostname: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id
        case hostname
        case status
        case verificationErrors = "verification_errors"
        case createdAt = "created_at"
        case ownershipTXT = "ownership_verification"
        case ownershipHTTP = "ownership_verification_http"
        case ssl
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.id = try fields.decode(String.self, forKey: .id)
        self.hostname = try fields.decode(String.self, forKey: .hostname)
        self.status = fields.reported(.status)
        self.verificationErrors = fields.messages(.verificationErrors)
        self.createdAt = fields.time(.createdAt)
        self.ownershipTXT = fields.lenient(.ownershipTXT)
        self.ownershipHTTP = fields.lenient(.ownershipHTTP)
        self.ssl = fields.lenient(.ssl)
    }
}
