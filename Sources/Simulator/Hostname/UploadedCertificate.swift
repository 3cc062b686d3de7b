import Crypto
import Foundation
import SwiftASN1
import X509

/// A certificate and key that a hostname's owner uploaded, checked as the provider checks them.
package struct UploadedCertificate: Hashable, Sendable, Codable {
    /// What the provider tells of a certificate.
    package struct Facts: Hashable, Sendable, Codable {
        /// Decimal digits.
        package var serialNumber: String
        package var issuer: String
        /// `ECDSAWithSHA256`, `SHA256WithRSA` or `SHA1WithRSA`.
        package var signature: String
        package var notBefore: VirtualInstant
        package var notAfter: VirtualInstant
        /// SHA-256 of the leaf in lower-case hexadecimal.
        package var fingerprint: String
        /// True for an elliptic-curve key, false for RSA.
        package var isECDSA: Bool
    }

    /// The PEM text as uploaded, the chain included.
    package let chain: String
    package let key: PrivateKeyPEM
    package let facts: Facts

    /// Checks a pair for a hostname.
    ///
    /// - Throws: 1426 to 1429, 1434, 1441 and 1444 to 1447.
    init(
        chain: String,
        key: String,
        for hostname: String,
        bundleMethod: String,
        semantics: ProviderSemantics,
        now: VirtualInstant
    ) throws(APIRefusal) {
        let certificates = try Self.certificates(chain)
        let leaf = try Self.leaf(of: certificates)
        guard let privateKey = try? Certificate.PrivateKey(pemEncoded: key) else { throw .keyUnparsable }
        guard privateKey.publicKey == leaf.publicKey else { throw .keyMismatch }
        guard Self.covers(leaf, hostname) else { throw .nameNotCovered }
        guard let signature = Self.accepted[leaf.signatureAlgorithm] else { throw .badSignatureAlgorithm }
        if let roots = semantics.trustedRoots, !Self.leads(leaf, to: roots, through: certificates) {
            throw .untrustedChain
        }
        let hasRoot = certificates.contains { $0.subject == $0.issuer }
        if hasRoot, bundleMethod != "force", semantics.rootInBundle == .refused { throw .untrustedChain }
        self.chain = chain
        self.key = PrivateKeyPEM(unredactedText: key)
        self.facts = Self.facts(leaf, signature: signature)
        let end = facts.notAfter.adding(seconds: -Self.shortestRemainingLife)
        if now > end, semantics.nearExpiry == .refused { throw .certificateEndsSoon }
    }

    /// Seconds; the page on uploading certificates says it of a zone's own.
    private static let shortestRemainingLife: Double = 14 * 86_400

    private static let accepted: [Certificate.SignatureAlgorithm: String] = [
        .ecdsaWithSHA256: "ECDSAWithSHA256",
        .sha256WithRSAEncryption: "SHA256WithRSA",
        .sha1WithRSAEncryption: "SHA1WithRSA",
    ]

    private static func certificates(_ chain: String) throws(APIRefusal) -> [Certificate] {
        guard chain.contains(where: { !$0.isWhitespace }) else { throw .certificateEmpty }
        do {
            let documents = try PEMDocument.parseMultiple(pemString: chain)
            guard !documents.isEmpty else { throw APIRefusal.certificateUnparsable }
            return try documents.map { try Certificate(pemDocument: $0) }
        } catch {
            throw .certificateUnparsable
        }
    }

    private static func leaf(of certificates: [Certificate]) throws(APIRefusal) -> Certificate {
        let leaves = certificates.filter { !$0.isAuthority }
        guard let leaf = leaves.first else { throw .noLeaf }
        guard leaves.count == 1 else { throw .severalLeaves }
        return leaf
    }

    /// True if a dNSName equals the hostname, or is a wildcard one label above it (RFC 9525 section 6.3).
    private static func covers(_ leaf: Certificate, _ hostname: String) -> Bool {
        guard let names = try? leaf.extensions.subjectAlternativeNames else { return false }
        let parent = hostname.split(separator: ".", maxSplits: 1).last.map { "*." + $0 }
        return names.contains { name in
            guard case .dnsName(let text) = name else { return false }
            return text.lowercased() == hostname || text.lowercased() == parent
        }
    }

    private static func leads(_ leaf: Certificate, to roots: [String], through chain: [Certificate]) -> Bool {
        leaf.leads(to: roots.compactMap { try? Certificate(pemEncoded: $0) }, through: chain)
    }

    private static func facts(_ leaf: Certificate, signature: String) -> Facts {
        var serializer = DER.Serializer()
        let encoded = (try? serializer.serialize(leaf)).map { serializer.serializedBytes } ?? []
        return Facts(
            serialNumber: decimal(leaf.serialNumber.bytes),
            issuer: leaf.issuer.description,
            signature: signature,
            notBefore: VirtualInstant(microseconds: Int64(leaf.notValidBefore.timeIntervalSince1970) * 1_000_000),
            notAfter: VirtualInstant(microseconds: Int64(leaf.notValidAfter.timeIntervalSince1970) * 1_000_000),
            fingerprint: SHA256.hash(data: encoded).map { String(format: "%02x", $0) }.joined(),
            isECDSA: P256.Signing.PublicKey(leaf.publicKey) != nil || P384.Signing.PublicKey(leaf.publicKey) != nil
                || P521.Signing.PublicKey(leaf.publicKey) != nil
        )
    }
}

/// A big-endian number of any length in decimal digits.
private func decimal(_ bytes: some Sequence<UInt8>) -> String {
    var digits: [Int] = [0]
    for byte in bytes {
        var carry = Int(byte)
        for place in digits.indices {
            carry += digits[place] * 256
            digits[place] = carry % 10
            carry /= 10
        }
        while carry > 0 {
            digits.append(carry % 10)
            carry /= 10
        }
    }
    return digits.reversed().map(String.init).joined()
}
