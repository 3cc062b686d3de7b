package import Foundation

/// An authority for client certificates (`access/certificates`).
package struct AccessCertificate: Hashable, Sendable {
    package let id: String
    package let name: String
    /// MD5, as the provider has it; good for recognising, not for trusting.
    package let fingerprint: String?
    /// The hostnames whose clients must show a certificate of this authority.
    package let hostnames: [String]
    package let expiresOn: Date?
}

extension AccessCertificate: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id, name, fingerprint
        case hostnames = "associated_hostnames"
        case expiresOn = "expires_on"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.id = try fields.decode(String.self, forKey: .id)
        self.name = fields.text(.name) ?? ""
        self.fingerprint = fields.text(.fingerprint)
        self.hostnames = fields.items(.hostnames)
        self.expiresOn = fields.time(.expiresOn)
    }
}

/// The body of a creation or a change; what is `nil` is left out.
struct AccessCertificateBody: Encodable, Sendable {
    let name: String?
    let certificate: String?
    let hostnames: [String]

    private enum CodingKeys: String, CodingKey {
        case name, certificate
        case hostnames = "associated_hostnames"
    }
}

/// What Access does with the client certificates of one hostname (`access/certificates/settings`).
package struct AccessHostnameSettings: Hashable, Sendable {
    package var hostname: String
    /// Whether the provider's network in China asks for certificates too.
    package var chinaNetwork: Bool
    /// Whether the origin is told about the client's certificate.
    package var forwardsClientCertificate: Bool

    package init(hostname: String, chinaNetwork: Bool = false, forwardsClientCertificate: Bool = false) {
        self.hostname = hostname
        self.chinaNetwork = chinaNetwork
        self.forwardsClientCertificate = forwardsClientCertificate
    }
}

extension AccessHostnameSettings: Codable {
    private enum CodingKeys: String, CodingKey {
        case hostname
        case chinaNetwork = "china_network"
        case forwardsClientCertificate = "client_certificate_forwarding"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.hostname = try fields.decode(String.self, forKey: .hostname)
        self.chinaNetwork = fields.lenient(.chinaNetwork) ?? false
        self.forwardsClientCertificate = fields.lenient(.forwardsClientCertificate) ?? false
    }
}
