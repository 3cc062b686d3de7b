import Foundation
import Onboarding
import Simulator
import Testing

/// The parser of a server's answer: real answers are understood however they are cut, and nothing ends the process.
@Suite struct ServerFlightTests {
    private static let environment = ProcessInfo.processInfo.environment
    private let seed = environment["USHER_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)
    private let count = environment["USHER_FUZZ"].flatMap(Int.init) ?? 100_000

    private static let random = [UInt8](repeating: 7, count: 32)

    private static func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        [type, 3, 3, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
    }

    private static func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
        [type, 0, UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
    }

    private static let leaf = [UInt8](repeating: 9, count: 700)
    private static let hello12 = message(2, [3, 3] + random + [0, 0xC0, 0x2B, 0, 0, 5, 0xFF, 1, 0, 1, 0])
    private static let hello13 = message(2, [3, 3] + random + [0, 0x13, 1, 0, 0, 6, 0, 43, 0, 2, 3, 4])
    private static let certificate = message(11, [0, 2, 191, 0, 2, 188] + leaf)

    /// Answers and how they read.
    private static let samples: [([UInt8], ServerFlight.Reading)] = [
        (record(22, hello12) + record(22, certificate), .hello(.init(version: 0x0303, suite: 0xC02B, leaf: leaf))),
        // Two messages in one record, and one in two.
        (record(22, hello12 + certificate), .hello(.init(version: 0x0303, suite: 0xC02B, leaf: leaf))),
        (
            record(22, hello12 + certificate.prefix(100)) + record(22, Array(certificate.dropFirst(100))),
            .hello(.init(version: 0x0303, suite: 0xC02B, leaf: leaf))
        ),
        (record(22, hello13) + record(20, [1]), .hello(.init(version: 0x0304, suite: 0x1301))),
        (record(21, [1, 112]) + record(22, hello13), .hello(.init(version: 0x0304, suite: 0x1301))),
        (record(21, [2, 40]), .alert(40)),
        (record(21, [1, 0]), .malformed("closed without an answer")),
        (record(22, message(1, [])), .malformed("a handshake that does not begin with a hello")),
        (Array("SSH-2.0".utf8), .malformed("not TLS")),
    ]

    @Test func `answers are read the same in one piece and byte by byte`() {
        for (bytes, expected) in Self.samples {
            var whole = ServerFlight()
            #expect(whole.receive(bytes) == expected)
            var flight = ServerFlight()
            var reading = ServerFlight.Reading.incomplete
            for byte in bytes where reading == .incomplete { reading = flight.receive([byte]) }
            #expect(reading == expected)
        }
    }

    @Test func `a connection that ends early says what was understood`() {
        var flight = ServerFlight()
        #expect(flight.receive(Self.record(22, Self.hello12)) == .incomplete)
        #expect(flight.end() == .hello(.init(version: 0x0303, suite: 0xC02B)))
        var empty = ServerFlight()
        #expect(empty.end() == .malformed("closed without an answer"))
    }

    @Test func `random and mutated answers come to an end, and cuts change nothing`() {
        var random = SeededRandom(seed: seed)
        var readings = (hello: 0, alert: 0, malformed: 0, incomplete: 0)
        for step in 0..<count {
            let bytes = mutated(&random)
            var whole = ServerFlight()
            let expected = whole.receive(bytes)
            var cut = ServerFlight()
            let place = Int.random(in: 0...bytes.count, using: &random)
            var reading = cut.receive(bytes[..<place])
            if reading == .incomplete { reading = cut.receive(bytes[place...]) }
            if reading != expected { Issue.record("USHER_SEED=\(seed), step \(step): \(reading), not \(expected)") }
            switch expected {
            case .hello: readings.hello += 1
            case .alert: readings.alert += 1
            case .malformed: readings.malformed += 1
            case .incomplete: readings.incomplete += 1
            }
        }
        let all = [readings.hello, readings.alert, readings.malformed, readings.incomplete]
        #expect(all.allSatisfy { $0 > count / 1_000 }, "USHER_SEED=\(seed): \(readings)")
    }

    private func mutated(_ random: inout SeededRandom) -> [UInt8] {
        var bytes = Self.samples[Int.random(in: Self.samples.indices, using: &random)].0
        for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
            // Most of what decides stands in the first bytes.
            let limit = Bool.random(using: &random) ? min(bytes.count, 60) : bytes.count
            let place = Int.random(in: 0..<limit, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            default: bytes.removeLast(bytes.count - place)
            }
        }
        return bytes
    }
}
