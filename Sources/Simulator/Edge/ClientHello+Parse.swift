extension ClientHello {
    /// What the first bytes of a connection come to.
    enum Reading: Hashable, Sendable {
        /// More bytes are needed.
        case incomplete
        /// Not the beginning of a TLS handshake.
        case foreign
        case complete(ClientHello)
    }

    /// More than any client sends; one that goes on is not waited for.
    private static let maximumBytes = 1 << 16

    /// Reads the bytes that came so far.
    static func read(_ bytes: [UInt8]) -> Reading {
        var handshake: [UInt8] = []
        var records = ByteReader(bytes[...])
        while true {
            if let needed = messageLength(handshake), handshake.count >= needed {
                return ClientHello(message: handshake[4..<needed]).map(Reading.complete) ?? .foreign
            }
            guard handshake.count <= maximumBytes, handshake.isEmpty || handshake[0] == 1 else { return .foreign }
            guard let type = records.uint8() else { return .incomplete }
            // A handshake record of SSL 3.0 or TLS; SSL 2.0 begins otherwise.
            guard type == 22 else { return .foreign }
            guard let version = records.uint16() else { return .incomplete }
            guard version >> 8 == 3 else { return .foreign }
            guard let payload = records.vector16() else { return .incomplete }
            if payload.isEmpty { return .foreign }
            handshake += payload.rest
        }
    }

    /// Header included; `nil` as long as that is not there.
    private static func messageLength(_ handshake: [UInt8]) -> Int? {
        guard handshake.count >= 4 else { return nil }
        return 4 + Int(handshake[1]) << 16 + Int(handshake[2]) << 8 + Int(handshake[3])
    }

    private init?(message: ArraySlice<UInt8>) {
        var reader = ByteReader(message)
        guard let version = reader.uint16(), reader.skip(32), reader.vector8() != nil,
            let suites = reader.vector16()?.uint16s(), reader.vector8() != nil
        else { return nil }
        self.init(legacyVersion: version, suites: suites)
        guard var extensions = reader.vector16() else { return }
        while !extensions.isEmpty {
            guard let type = extensions.uint16(), let body = extensions.vector16() else { return nil }
            take(extension: type, body)
        }
    }

    private mutating func take(extension type: UInt16, _ body: ByteReader) {
        var body = body
        switch type {
        case 0: serverName = body.vector16().flatMap(Self.hostName)
        case 10: groups = body.vector16()?.uint16s()
        case 13: signatureSchemes = body.vector16()?.uint16s()
        case 43: supportedVersions = body.vector8()?.uint16s()
        default: break
        }
    }

    private static func hostName(_ list: ByteReader) -> String? {
        var list = list
        guard list.uint8() == 0, let name = list.vector16() else { return nil }
        return String(validating: name.rest, as: UTF8.self)?.lowercased()
    }
}

/// Takes numbers and vectors of TLS's presentation language off the front of some bytes (RFC 8446 section 3).
private struct ByteReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isEmpty: Bool { rest.isEmpty }

    mutating func uint8() -> UInt8? { rest.popFirst() }

    mutating func uint16() -> UInt16? {
        guard rest.count >= 2, let high = rest.popFirst(), let low = rest.popFirst() else { return nil }
        return UInt16(high) << 8 | UInt16(low)
    }

    mutating func skip(_ count: Int) -> Bool {
        guard rest.count >= count else { return false }
        rest.removeFirst(count)
        return true
    }

    /// A vector with one byte of length before it.
    mutating func vector8() -> ByteReader? { uint8().flatMap { vector(Int($0)) } }

    /// A vector with two bytes of length before it.
    mutating func vector16() -> ByteReader? { uint16().flatMap { vector(Int($0)) } }

    private mutating func vector(_ count: Int) -> ByteReader? {
        guard rest.count >= count else { return nil }
        defer { rest.removeFirst(count) }
        return ByteReader(rest.prefix(count))
    }

    /// All that is left as numbers of two bytes; an odd byte at the end is dropped.
    func uint16s() -> [UInt16] {
        var copy = self
        var numbers: [UInt16] = []
        while let number = copy.uint16() { numbers.append(number) }
        return numbers
    }
}
