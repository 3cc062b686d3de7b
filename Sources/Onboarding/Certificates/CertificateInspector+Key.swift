import SwiftASN1
import X509

extension CertificateInspector {
    /// Checks that a private key belongs to a chain's leaf, and gives it back in the form that is stored.
    ///
    /// PKCS#8, PKCS#1 (RSA) and SEC1 (EC) are read. The result has that one block only: an `EC PARAMETERS` block, which
    /// the provider refuses, certificates and comments are left out.
    package static func checkKey(
        _ key: PrivateKeyPEM,
        matches chain: CertificateChain
    ) throws(CertificateProblem) -> PrivateKeyPEM {
        try key.withBytes { bytes throws(CertificateProblem) in
            try checkSize(bytes.count)
            let block = try keyBlock(of: PEMScanner.blocks(in: bytes))
            guard try publicKey(of: block, in: bytes) == chain.leafKey else { throw .keyMismatch }
            var normalised = block.normalised(from: bytes, as: block.label)
            return PrivateKeyPEM(wiping: &normalised)
        }
    }

    /// Whether an `EC PARAMETERS` block stands in a key file.
    static func hasCurveParameters(_ key: PrivateKeyPEM) -> Bool {
        key.withBytes { bytes in PEMScanner.blocks(in: bytes).contains { $0.label == .curveParameters } }
    }

    private static func keyBlock(of blocks: [PEMBlock]) throws(CertificateProblem) -> PEMBlock {
        let keys = blocks.filter(\.label.isPrivateKey)
        if let bad = keys.first(where: { $0.defect != nil }) ?? blocks.first(where: { $0.defect != nil }),
            let defect = bad.defect
        {
            throw .keyUnparsable(block: bad.number, line: bad.line, defect)
        }
        guard let key = keys.first else { throw .keyMissing }
        guard keys.count == 1 else { throw .severalKeys(blocks: keys.map(\.number)) }
        return key
    }

    private static func publicKey(
        of block: PEMBlock,
        in bytes: UnsafeRawBufferPointer
    ) throws(CertificateProblem) -> Certificate.PublicKey {
        if block.label == .otherPrivateKey { throw .keyUnsupported(block: block.number) }
        // The old way of encrypting puts headers, "Proc-Type: 4,ENCRYPTED", before the base64 (RFC 1421).
        let hasHeaders = bytes[block.body].contains(UInt8(ascii: ":"))
        if block.label == .encryptedKey || hasHeaders { throw .keyEncrypted(block: block.number) }
        do {
            var der = try block.decoded(from: bytes)
            defer { der.wipe() }
            let document = PEMDocument(type: block.label.rawValue, derBytes: der)
            return try Certificate.PrivateKey(pemDocument: document).publicKey
        } catch let defect as PEMDefect {
            throw .keyUnparsable(block: block.number, line: block.line, defect)
        } catch {
            // The underlying error is dropped: nothing says that it shows no part of the key.
            throw .keyUnparsable(block: block.number, line: block.line, .wrongContent)
        }
    }
}
