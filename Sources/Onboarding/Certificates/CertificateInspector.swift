import SwiftASN1
import TLSPolicy
import X509

/// Reads certificates and private keys as tenants supply them, and says what is wrong in words they can act on.
package enum CertificateInspector {
    /// Longest PEM text that is read, in bytes; real chains have about 6,000.
    package static let maximumBytes = 65_536

    /// Reads a certificate file: leaf and intermediates in any order, comments and CRLF allowed, duplicates dropped.
    package static func chain(fromPEM text: String) throws(CertificateProblem) -> CertificateChain {
        let bytes = Array(text.utf8)
        try checkSize(bytes.count)
        let blocks = PEMScanner.blocks(in: bytes)
        // First of all: whatever else is wrong with the file, a leaked key matters more.
        if let key = blocks.first(where: \.label.isPrivateKey) { throw .keyInChain(block: key.number) }
        guard !blocks.isEmpty else { throw .empty }

        var certificates: [FiledCertificate] = []
        for block in blocks {
            let certificate = try FiledCertificate(block, in: bytes)
            if !certificates.contains(where: { $0.facts.fingerprint == certificate.facts.fingerprint }) {
                certificates.append(certificate)
            }
        }
        return try assemble(certificates)
    }

    static func checkSize(_ count: Int) throws(CertificateProblem) {
        guard count <= maximumBytes else { throw .tooLarge(bytes: count, limit: maximumBytes) }
    }

    private static func assemble(_ certificates: [FiledCertificate]) throws(CertificateProblem) -> CertificateChain {
        let leaves = certificates.filter { !$0.facts.isAuthority }
        guard let leaf = leaves.first else { throw .noLeaf }
        guard leaves.count == 1 else { throw .severalLeaves(blocks: leaves.map(\.block)) }

        let ordered = inOrder(from: leaf, certificates.filter(\.facts.isAuthority))
        let links = zip(ordered, ordered.dropFirst())
        return CertificateChain(
            leaf: leaf.facts,
            intermediates: ordered.dropFirst().map(\.facts),
            wasInOrder: ordered.map(\.block) == certificates.map(\.block),
            firstBrokenLink: links.enumerated().first { !$0.element.0.isSigned(by: $0.element.1) }?.offset,
            includesRoot: ordered.last.map { $0.facts.isAuthority && $0.isSigned(by: $0) } ?? false,
            isSelfSigned: leaf.isSigned(by: leaf),
            pem: ordered.map(\.pem).joined(),
            leafPEM: leaf.pem,
            leafKey: leaf.certificate.publicKey
        )
    }

    /// The leaf, then signer after signer; exports often list the root first, and TLS 1.2 wants this order (RFC 5246).
    private static func inOrder(from leaf: FiledCertificate, _ authorities: [FiledCertificate]) -> [FiledCertificate] {
        var ordered = [leaf]
        var last = leaf
        var rest = authorities
        while let next = rest.firstIndex(where: { last.isSigned(by: $0) }) {
            last = rest.remove(at: next)
            ordered.append(last)
        }
        return ordered + rest
    }
}

/// One certificate of a file, with the block it came from.
private struct FiledCertificate {
    let block: Int
    let certificate: Certificate
    let facts: CertificateFacts
    let pem: String

    init(_ block: PEMBlock, in bytes: [UInt8]) throws(CertificateProblem) {
        guard block.label.isCertificate || block.defect != nil else {
            throw .foreignBlock(block: block.number, kind: block.label.rawValue)
        }
        let der: [UInt8]
        do {
            der = try block.decoded(from: bytes)
        } catch {
            throw .unparsable(block: block.number, line: block.line, error)
        }
        guard let key = CertificateKey(certificateDER: der) else {
            throw .unparsable(block: block.number, line: block.line, .wrongContent)
        }
        do {
            self.certificate = try Certificate(derEncoded: der)
            self.facts = try CertificateFacts(certificate, der: der, key: key)
        } catch {
            guard key.isReadable else { throw .unsupportedKey(block: block.number, key) }
            throw .unparsable(block: block.number, line: block.line, .wrongContent)
        }
        self.block = block.number
        self.pem = String(decoding: block.normalised(from: bytes, as: .certificate), as: UTF8.self)
    }

    func isSigned(by authority: FiledCertificate) -> Bool {
        certificate.issuer == authority.certificate.subject
            && authority.certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
    }
}
