import Crypto
import Foundation
import SwiftASN1
import X509

/// A certificate authority of a tenant's, whose client certificates Access trusts for some hostnames.
struct AccessCertificate: Hashable, Sendable, Codable {
    /// A UUID.
    let id: String
    var name: String
    /// The PEM text as sent, which cannot be changed: the authority, or a chain with the issuing authority first.
    let pem: String
    /// MD5 of the first certificate in hexadecimal: a name, and no protection.
    let fingerprint: String
    let expiresAt: VirtualInstant
    let createdAt: VirtualInstant
    private(set) var updatedAt: VirtualInstant
    private(set) var hostnames: [String]
    /// What the last update took away, which the provider's other parts hear of late.
    private var leaving: [String] = []
    private var leavingUntil: VirtualInstant

    /// Reads an authority.
    ///
    /// - Throws: 12130 if the text is not one or several certificates of authorities.
    init(id: String, name: String, pem: String, hostnames: [String], now: VirtualInstant) throws(APIRefusal) {
        let certificates = ClientChain.certificates(pem: pem)
        guard let first = certificates.first else { throw .badAccess("the certificate cannot be parsed") }
        guard certificates.allSatisfy(\.isAuthority) else {
            throw .badAccess("the certificate is no certificate authority's (basicConstraints CA)")
        }
        self.id = id
        self.name = name
        self.pem = pem
        self.fingerprint = Insecure.MD5.hash(data: first.der).map { String(format: "%02x", $0) }.joined()
        self.expiresAt = first.end
        self.createdAt = now
        self.updatedAt = now
        self.hostnames = hostnames
        self.leavingUntil = now
    }

    /// Replaces the whole list, as the provider does; what leaves it stays in force for a while.
    mutating func associate(_ hostnames: [String], now: VirtualInstant, detachmentSeconds: Double) {
        leaving = associations(now: now).filter { !hostnames.contains($0) }
        leavingUntil = now.adding(seconds: detachmentSeconds)
        self.hostnames = hostnames
        updatedAt = now
    }

    /// The hostnames as reads, deletion and the edge see them.
    func associations(now: VirtualInstant) -> [String] {
        hostnames + (now < leavingUntil ? leaving : [])
    }

    /// The certificate as the API's result object.
    func wire(now: VirtualInstant) -> APIValue {
        [
            "id": .string(id),
            "name": .string(name),
            "fingerprint": .string(fingerprint),
            "associated_hostnames": .array(associations(now: now).map(APIValue.string)),
            "expires_on": .string(expiresAt.rfc3339),
            "created_at": .string(createdAt.rfc3339),
            "updated_at": .string(updatedAt.rfc3339),
        ]
    }
}
