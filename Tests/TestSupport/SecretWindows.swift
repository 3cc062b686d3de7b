package import Foundation
import Glibc

/// Finds a private key in whatever was written, in any form it may have taken on the way.
///
/// Looked for is each run of 32 bytes of the key: as PEM, as DER, as base64 from any byte on, whatever breaks its
/// lines, and as hexadecimal digits. Such a run holds a whole block of half its length that begins at a multiple of
/// that length, so the blocks alone are searched.
package struct SecretWindows: Sendable {
    private let blocks: [Form: [[UInt8]]]

    private enum Form: Hashable, Sendable {
        /// As it stands.
        case verbatim
        /// In lower case.
        case hexadecimal
        /// Without white space, escapes of it, and the backslashes of JSON.
        case unbroken
    }

    /// - Parameters:
    ///   - keyPEM: PKCS#8, whose first 32 bytes say what kind of key follows and are no secret.
    ///   - known: DER that may be seen, such as the certificate's, which repeats the public half.
    package init(keyPEM: String, known: [Data] = []) {
        let body = keyPEM.split(separator: "\n").filter { !$0.hasPrefix("-") }
        let der = Data(base64Encoded: body.joined()) ?? Data()
        let isSecret: (Data) -> Bool = { block in !known.contains { $0.range(of: block) != nil } }
        let raw = Self.blocks(der, 16).dropFirst(2).filter(isSecret)
        let hexadecimal = raw.map { Array($0.map { String(format: "%02x", $0) }.joined().utf8) }
        // 32 bytes are 42 characters of base64 at least, whatever comes before them.
        let base64 = (0..<3).flatMap { offset in
            Self.blocks(Data(der.dropFirst(offset).base64EncodedString().utf8), 20).dropFirst(2)
        }
        let knownBase64 = known.flatMap { der in (0..<3).map { Data(der.dropFirst($0).base64EncodedString().utf8) } }
        let secretBase64 = base64.filter { block in !knownBase64.contains { $0.range(of: block) != nil } }
        blocks = [
            .verbatim: raw.map(Array.init),
            .hexadecimal: hexadecimal,
            .unbroken: secretBase64.map(Array.init),
        ]
    }

    /// Whether any run of 32 bytes of the key is in these bytes.
    package func isFound(in bytes: Data) -> Bool {
        blocks.contains { form, blocks in
            let text = Self.haystack(bytes, form)
            return blocks.contains { Self.contains(text, $0) }
        }
    }

    /// Whether any run of 32 bytes of the key is in this text.
    package func isFound(in text: String) -> Bool { isFound(in: Data(text.utf8)) }

    private static func blocks(_ data: Data, _ size: Int) -> [Data] {
        let bytes = Data(data)
        return stride(from: 0, through: bytes.count - size, by: size).map { Data(bytes[$0..<$0 + size]) }
    }

    private static func haystack(_ bytes: Data, _ form: Form) -> [UInt8] {
        switch form {
        case .verbatim: return Array(bytes)
        case .hexadecimal: return bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        case .unbroken:
            var text: [UInt8] = []
            text.reserveCapacity(bytes.count)
            var isEscaped = false
            for byte in bytes {
                if isEscaped {
                    isEscaped = false
                    if byte == UInt8(ascii: "/") { text.append(byte) }
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte > 0x20 {
                    // Two alphabets are in use; one stands for both.
                    text.append(
                        byte == UInt8(ascii: "-")
                            ? UInt8(ascii: "+") : byte == UInt8(ascii: "_") ? UInt8(ascii: "/") : byte
                    )
                }
            }
            return text
        }
    }

    private static func contains(_ text: [UInt8], _ block: [UInt8]) -> Bool {
        guard let first = block.first else { return false }
        return text.withUnsafeBytes { text in
            block.withUnsafeBytes { block in
                guard var place = text.baseAddress, let wanted = block.baseAddress else { return false }
                let end = place + text.count
                while end - place >= block.count, let hit = memchr(place, Int32(first), end - place) {
                    let hit = UnsafeRawPointer(hit)
                    if end - hit >= block.count, memcmp(hit, wanted, block.count) == 0 { return true }
                    place = hit + 1
                }
                return false
            }
        }
    }
}
