import Foundation
import TLSPolicy

/// An override as programs read it.
struct OverrideDocument: Encodable {
    let minimumTLS: String?
    let ciphers: [String]?
    let tls13: String?
    let author: String
    let reason: String
    let until: Date

    init(_ override: HostnameOverride) {
        minimumTLS = override.minimumTLS?.rawValue
        ciphers = override.ciphers
        tls13 = override.tls13?.rawValue
        author = override.author
        reason = override.reason
        until = Date(timeIntervalSince1970: Double(override.until))
    }

    private enum CodingKeys: String, CodingKey {
        case minimumTLS = "min_tls"
        case ciphers
        case tls13 = "tls_1_3"
        case author
        case reason
        case until
    }
}

/// A grant beyond the tier as programs read it.
struct EntitlementDocument: Encodable {
    let capability: String
    let author: String
    let reason: String
    let until: Date?

    init(_ entitlement: Entitlement) {
        capability = entitlement.capability.rawValue
        author = entitlement.author
        reason = entitlement.reason
        until = entitlement.until.map { Date(timeIntervalSince1970: Double($0)) }
    }
}
