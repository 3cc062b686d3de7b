/// What a server says to a hello, read from its bytes as they come: an alert, or the version and suite it chose and,
/// up to TLS 1.2, its certificate.
///
/// RFC 5246 sections 6.2 and 7, RFC 8446 sections 4.1.3 and 5.1. Reads no further than needed, and a limited number of
/// bytes.
package struct ServerFlight: Sendable {
    /// How far the answer is understood.
    package enum Reading: Hashable, Sendable {
        case incomplete
        case hello(Hello)
        /// A fatal alert, by its number.
        case alert(UInt8)
        /// Not TLS, in words.
        case malformed(String)
    }

    /// What a server chose.
    package struct Hello: Hashable, Sendable {
        /// The number on the wire: 0x0303 is TLS 1.2.
        package var version: UInt16
        package var suite: UInt16
        /// The first certificate in DER, where it is sent in the clear.
        package var leaf: [UInt8]?

        package init(version: UInt16, suite: UInt16, leaf: [UInt8]? = nil) {
            self.version = version
            self.suite = suite
            self.leaf = leaf
        }
    }

    /// More than any chain that is served.
    package static let limit = 1 << 17

    private var bytes: [UInt8] = []
    private var messages: [UInt8] = []
    private var hello: Hello?
    private var verdict: Reading?

    package init() {}

    /// Takes more bytes; once the reading is not `incomplete` it stays what it is.
    package mutating func receive(_ more: some Sequence<UInt8>) -> Reading {
        if let verdict { return verdict }
        bytes += more
        guard bytes.count + messages.count <= Self.limit else { return settle(.malformed("an answer without end")) }
        while let record = Octets(bytes).record() {
            switch record {
            case .failure(let problem): return settle(.malformed(problem.text))
            case .success(let record):
                bytes.removeFirst(record.length)
                if let reading = take(record) { return settle(reading) }
            }
        }
        return .incomplete
    }

    /// The server has closed the connection: what was understood until then.
    package mutating func end() -> Reading {
        if let verdict { return verdict }
        return settle(hello.map(Reading.hello) ?? .malformed("closed without an answer"))
    }

    private mutating func settle(_ reading: Reading) -> Reading {
        verdict = reading
        return reading
    }

    private mutating func take(_ record: Octets.Record) -> Reading? {
        switch record.type {
        case .alert:
            guard record.content.count == 2 else { return .malformed("an alert of another length") }
            let isFatal = record.content[0] == 2
            let number = record.content[1]
            // A warning, such as that the name is not known, is no end; a farewell is.
            if number == 0 { return end() }
            return isFatal ? .alert(number) : nil
        case .handshake:
            messages += record.content
            return readMessages()
        case .changeCipherSpec:
            return nil
        }
    }

    private mutating func readMessages() -> Reading? {
        while true {
            var octets = Octets(messages)
            guard let type = octets.number(1), let count = octets.number(3), let body = octets.take(count) else {
                return nil
            }
            messages.removeFirst(4 + count)
            if let known = hello {
                if type == HandshakeType.certificate.rawValue { hello?.leaf = Self.leaf(body) }
                return .hello(hello ?? known)
            }
            guard type == HandshakeType.serverHello.rawValue, let read = Self.hello(body) else {
                return .malformed("a handshake that does not begin with a hello")
            }
            hello = read
            if read.version >= 0x0304 { return .hello(read) }
        }
    }

    private static func hello(_ body: [UInt8]) -> Hello? {
        var octets = Octets(body)
        guard let version = octets.number(2), octets.take(32) != nil,
            let sessionID = octets.number(1), sessionID <= 32, octets.take(sessionID) != nil,
            let suite = octets.number(2), octets.number(1) == 0
        else { return nil }
        var hello = Hello(version: UInt16(version), suite: UInt16(suite))
        guard let count = octets.number(2) else { return hello }
        guard let content = octets.take(count) else { return nil }
        var extensions = Octets(content)
        while let type = extensions.number(2) {
            guard let count = extensions.number(2), let content = extensions.take(count) else { return nil }
            // supported_versions: what TLS 1.3 really chose.
            if type == 43, content.count == 2 { hello.version = UInt16(content[0]) << 8 | UInt16(content[1]) }
        }
        return hello
    }

    private static func leaf(_ body: [UInt8]) -> [UInt8]? {
        var octets = Octets(body)
        guard let all = octets.number(3), var list = octets.take(all).map(Octets.init) else { return nil }
        return list.number(3).flatMap { list.take($0) }
    }
}

/// Types of records that are understood (IANA registry "TLS ContentType").
enum RecordType: UInt8 {
    case changeCipherSpec = 20
    case alert = 21
    case handshake = 22
}

/// Types of handshake messages that are understood (IANA registry "TLS HandshakeType").
enum HandshakeType: UInt8 {
    case clientHello = 1
    case serverHello = 2
    case certificate = 11
}

/// Bytes that are read from the front.
private struct Octets {
    struct Record {
        let type: RecordType
        let content: [UInt8]
        var length: Int { content.count + 5 }
    }

    struct Problem: Error {
        let text: String
    }

    private var left: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { left = bytes[...] }

    mutating func number(_ count: Int) -> Int? {
        take(count).map { $0.reduce(0) { $0 << 8 | Int($1) } }
    }

    mutating func take(_ count: Int) -> [UInt8]? {
        guard left.count >= count else { return nil }
        defer { left = left.dropFirst(count) }
        return Array(left.prefix(count))
    }

    /// The first record; `nil` if it has not come in whole.
    func record() -> Result<Record, Problem>? {
        var octets = self
        guard let type = octets.number(1), let version = octets.number(2), let count = octets.number(2) else {
            return left.first.flatMap { RecordType(rawValue: $0) == nil ? .failure(Problem(text: "not TLS")) : nil }
        }
        guard let type = RecordType(rawValue: UInt8(type)), version >> 8 == 3 else {
            return .failure(Problem(text: "not TLS"))
        }
        // 2^14, and what protection may add (RFC 5246 section 6.2.3).
        guard count <= 16_384 + 2_048 else { return .failure(Problem(text: "a record of \(count) bytes")) }
        return octets.take(count).map { .success(Record(type: type, content: $0)) }
    }
}
