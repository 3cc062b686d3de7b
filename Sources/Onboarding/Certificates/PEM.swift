/// What a PEM block says it holds (RFC 7468, and OpenSSL's own labels).
///
/// A closed list, so that nothing from a file in which a key may hide ever reaches a message.
enum PEMLabel: String, Sendable {
    case certificate = "CERTIFICATE"
    case oldCertificate = "X509 CERTIFICATE"
    case trustedCertificate = "TRUSTED CERTIFICATE"
    case certificateRequest = "CERTIFICATE REQUEST"
    case pkcs7 = "PKCS7"
    case publicKey = "PUBLIC KEY"
    case curveParameters = "EC PARAMETERS"
    case diffieHellmanParameters = "DH PARAMETERS"
    case pkcs8Key = "PRIVATE KEY"
    case pkcs1Key = "RSA PRIVATE KEY"
    case sec1Key = "EC PRIVATE KEY"
    case encryptedKey = "ENCRYPTED PRIVATE KEY"
    case otherPrivateKey = "PRIVATE KEY of another form"
    case other = "unknown"

    init(text: String) {
        let fallback = text.contains("PRIVATE KEY") ? Self.otherPrivateKey : .other
        self = Self(rawValue: text) ?? fallback
    }

    var isCertificate: Bool { self == .certificate || self == .oldCertificate }

    var isPrivateKey: Bool {
        switch self {
        case .pkcs8Key, .pkcs1Key, .sec1Key, .encryptedKey, .otherPrivateKey: true
        default: false
        }
    }
}

/// One block of a PEM text as found: nothing decoded and nothing copied.
struct PEMBlock: Sendable {
    /// Place among the blocks of every kind, from 1.
    let number: Int
    /// Line of its first boundary, from 1.
    let line: Int
    let label: PEMLabel
    /// Where its base64 stands in the scanned bytes.
    let body: Range<Int>
    let defect: PEMDefect?

    /// The DER inside, or what is wrong with it.
    func decoded(from bytes: some PEMBytes) throws(PEMDefect) -> [UInt8] {
        if let defect { throw defect }
        guard let der = Base64.decode(bytes[body]) else { throw .notBase64 }
        guard !der.isEmpty else { throw .empty }
        return der
    }

    /// The block in canonical form (RFC 7468 section 2): lines of 64 characters, each ended by a line feed.
    func normalised(from bytes: some PEMBytes, as label: PEMLabel) -> [UInt8] {
        var result = Array("-----BEGIN \(label.rawValue)-----\n".utf8)
        // Reserved at once: growing would leave copies of a private key in freed memory.
        result.reserveCapacity(result.count * 2 + body.count + body.count / 64 + 1)
        var column = 0
        for byte in bytes[body] where !Base64.isWhiteSpace(byte) {
            result.append(byte)
            column += 1
            if column % 64 == 0 { result.append(UInt8(ascii: "\n")) }
        }
        if column % 64 != 0 { result.append(UInt8(ascii: "\n")) }
        result.append(contentsOf: "-----END \(label.rawValue)-----\n".utf8)
        return result
    }
}

/// Bytes of a PEM text, lent: an array or the buffer of a secret.
protocol PEMBytes: RandomAccessCollection where Element == UInt8, Index == Int {}
extension [UInt8]: PEMBytes {}
extension UnsafeRawBufferPointer: PEMBytes {}

/// Finds the blocks of a PEM text, as leniently as OpenSSL and Go do, and never fails: a bad block says so itself.
///
/// Text between blocks, CRLF, indentation and a byte order mark are accepted. swift-asn1's own reader is stricter
/// (lines of exactly 64 characters) and stops at the first bad block without saying which one it was.
struct PEMScanner {
    private var blocks: [PEMBlock] = []
    private var open: (line: Int, label: PEMLabel, body: Int)?

    /// All blocks in the order of the text.
    static func blocks(in bytes: some PEMBytes) -> [PEMBlock] {
        var scanner = Self()
        var line = 1
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
            let next = end < bytes.endIndex ? end + 1 : end
            if let boundary = Boundary(bytes[start..<end]) {
                scanner.meet(boundary, line: line, bytes: start..<next)
            }
            line += 1
            start = next
        }
        scanner.abandonOpenBlock(at: bytes.endIndex)
        return scanner.blocks
    }

    private mutating func meet(_ boundary: Boundary, line: Int, bytes: Range<Int>) {
        switch boundary {
        case .begin(let label):
            abandonOpenBlock(at: bytes.lowerBound)
            open = (line, label, bytes.upperBound)
        case .end(let label):
            guard let begun = open else {
                return append(line: line, label: label, body: bytes, defect: .strayEnd)
            }
            open = nil
            let body = begun.body..<bytes.lowerBound
            append(line: begun.line, label: begun.label, body: body, defect: begun.label == label ? nil : .mismatched)
        case .broken(let label):
            abandonOpenBlock(at: bytes.lowerBound)
            append(line: line, label: label, body: bytes, defect: .brokenBoundary)
        }
    }

    private mutating func abandonOpenBlock(at end: Int) {
        guard let begun = open else { return }
        open = nil
        append(line: begun.line, label: begun.label, body: begun.body..<end, defect: .unterminated)
    }

    private mutating func append(line: Int, label: PEMLabel, body: Range<Int>, defect: PEMDefect?) {
        blocks.append(PEMBlock(number: blocks.count + 1, line: line, label: label, body: body, defect: defect))
    }
}

/// A line that begins or ends a block, or means to.
private enum Boundary {
    case begin(PEMLabel)
    case end(PEMLabel)
    case broken(PEMLabel)

    /// `nil` for any other line.
    ///
    /// Only a line with a hyphen is made a string: base64, and so a key, has none.
    init?(_ line: some Collection<UInt8>) {
        guard line.contains(UInt8(ascii: "-")) else { return nil }
        let text = Self.trimmed(String(decoding: line, as: UTF8.self))
        guard text.contains("-----BEGIN") || text.contains("-----END") else { return nil }
        if let label = Self.label(of: text, after: "-----BEGIN ") {
            self = .begin(label)
        } else if let label = Self.label(of: text, after: "-----END ") {
            self = .end(label)
        } else {
            self = .broken(PEMLabel(text: text))
        }
    }

    private static func label(of text: String, after prefix: String) -> PEMLabel? {
        guard text.hasPrefix(prefix), text.hasSuffix("-----") else { return nil }
        let label = text.dropFirst(prefix.count).dropLast(5)
        return label.contains("-") ? nil : PEMLabel(text: String(label))
    }

    private static func trimmed(_ text: String) -> String {
        let isPadding = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace || scalar == "\u{FEFF}" }
        let start = text.unicodeScalars.drop(while: isPadding)
        guard let last = start.lastIndex(where: { !isPadding($0) }) else { return "" }
        return String(start[...last])
    }
}
