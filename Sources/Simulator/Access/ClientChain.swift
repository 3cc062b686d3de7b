import Foundation
import SwiftASN1
import X509

/// The certificates that a client showed, and whom they lead to.
struct ClientChain: Sendable {
    private let certificates: [Certificate]

    /// Certificates as they came over the wire, leaf first; what is none is left out.
    init(der: [[UInt8]]) {
        certificates = der.compactMap { try? Certificate(derEncoded: $0) }
    }

    var isEmpty: Bool { certificates.isEmpty }

    /// The subject's common name of the leaf.
    var commonName: String? {
        guard let leaf = certificates.first else { return nil }
        for attribute in leaf.subject.lazy.flatMap({ $0 }) where attribute.type == .RDNAttributeType.commonName {
            return String(attribute.value)
        }
        return nil
    }

    /// True if the leaf is valid now and its signatures lead to one of the authorities.
    func leads(to authorities: [AccessCertificate], now: VirtualInstant) -> Bool {
        guard let leaf = certificates.first, !leaf.isAuthority, leaf.start <= now, now < leaf.end else { return false }
        return authorities.contains { authority in
            let roots = Self.certificates(pem: authority.pem)
            return leaf.leads(to: roots, through: certificates + roots)
        }
    }

    /// The certificates of a PEM text; none if one of them cannot be read.
    static func certificates(pem: String) -> [Certificate] {
        let documents = (try? PEMDocument.parseMultiple(pemString: pem)) ?? []
        let certificates = documents.compactMap { try? Certificate(pemDocument: $0) }
        return certificates.count == documents.count ? certificates : []
    }
}

extension Certificate {
    /// Whether the certificate may sign others (basicConstraints).
    var isAuthority: Bool {
        if case .isCertificateAuthority? = try? extensions.basicConstraints { return true }
        return false
    }

    var start: VirtualInstant { VirtualInstant(seconds: notValidBefore) }

    var end: VirtualInstant { VirtualInstant(seconds: notValidAfter) }

    /// The encoding that fingerprints are made of.
    var der: [UInt8] {
        var serializer = DER.Serializer()
        return (try? serializer.serialize(self)).map { serializer.serializedBytes } ?? []
    }

    /// Follows signatures upwards to one of the anchors; dates and other constraints are not looked at.
    func leads(to anchors: [Certificate], through chain: [Certificate]) -> Bool {
        var current = self
        for _ in 0...chain.count {
            if anchors.contains(where: { $0.signs(current) }) { return true }
            guard let issuer = chain.first(where: { $0 != current && $0.signs(current) }) else { return false }
            current = issuer
        }
        return false
    }

    private func signs(_ certificate: Certificate) -> Bool {
        subject == certificate.issuer && publicKey.isValidSignature(certificate.signature, for: certificate)
    }
}

extension VirtualInstant {
    fileprivate init(seconds date: Date) {
        self.init(microseconds: Int64(date.timeIntervalSince1970) * 1_000_000)
    }
}
