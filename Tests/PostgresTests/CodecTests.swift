import Foundation
import Postgres
import TestSupport
import Testing

/// Each value goes to the server as a parameter and comes back as a column of the type declared.
@Suite(.emptyDatabase)
struct CodecTests {
    private func roundTrip<Value: PostgresCodable & Equatable>(
        _ values: [Value],
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        let connection = try await TestDatabase.current.connect()
        for value in values {
            let read = try await connection.session { db throws(PostgresError) in
                try db.query("select \(value), \(nil as Value?)", as: (Value, Value?).self)
            }
            #expect(read.count == 1, sourceLocation: sourceLocation)
            #expect(read.first?.0 == value, sourceLocation: sourceLocation)
            #expect(read.first?.1 == nil, sourceLocation: sourceLocation)
        }
    }

    @Test func `booleans and integers come back, at their extremes too`() async throws {
        try await roundTrip([true, false])
        try await roundTrip([Int16.min, -1, 0, .max])
        try await roundTrip([Int32.min, -1, 0, .max])
        try await roundTrip([Int64.min, -1, 0, .max])
        try await roundTrip([Int.min, -1, 0, .max])
    }

    @Test func `floating point numbers come back to the last bit`() async throws {
        try await roundTrip(
            [
                0, -0.0, 0.1, 1 / 3, .pi, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity, -.infinity,
            ] as [Double]
        )
        let connection = try await TestDatabase.current.connect()
        let nan = try await connection.session { db throws(PostgresError) in
            try db.first("select \(Double.nan)", as: Double.self)
        }
        #expect(nan?.isNaN == true)
    }

    static let awkwardStrings = [
        "", " ", "NULL", "null", "{}", "{a,b}", "a,b", #"say "hi""#, #"back\slash"#, #"\""#, "tab\tline\nend\r", "ü",
        "日本語", "👩‍👩‍👧", "e\u{301}", "\u{FEFF}", "\u{10FFFF}", "$1", "'; drop table x; --", #"\x00ff"#,
    ]

    @Test func `strings come back, alone and in arrays`() async throws {
        try await roundTrip(Self.awkwardStrings)
        try await roundTrip([Self.awkwardStrings, []])
        try await roundTrip([Self.awkwardStrings.map(Optional.some) + [nil], [nil, nil]])
    }

    @Test func `bytes come back, alone and in arrays`() async throws {
        let all = (0...255).map(UInt8.init)
        try await roundTrip([[], [0], all])
        try await roundTrip([[[], [0], all]])
    }

    @Test func `identifiers and documents come back`() async throws {
        let identifiers = [UUID(), UUID()]
        try await roundTrip(identifiers)
        try await roundTrip([identifiers, []])
        try await roundTrip([JSONText(#"{"a": ["\"x\"", null, 1.5]}"#), JSONText("null")])
        try await roundTrip([[JSONText(#"{"a": "b,c"}"#), JSONText(#""\\""#)]])
    }

    @Test func `arrays come back with nulls in them`() async throws {
        try await roundTrip([[Int64.min, .max], []])
        try await roundTrip([[1, nil, 3], []] as [[Int?]])
        try await roundTrip([[true, nil, false]] as [[Bool?]])
        try await roundTrip([[1.5, nil]] as [[Double?]])
        try await roundTrip([[Int32.min, .max]])
        try await roundTrip([[Int16.min, .max]])
        try await roundTrip([[Timestamp.infinity, nil, Timestamp(microseconds: 1)]])
        try await roundTrip([[Duration.seconds(1), .milliseconds(-1)]])
    }

    @Test func `instants come back from before Christ to the server's last year`() async throws {
        try await roundTrip(
            [
                0, 1, -1, 951_782_400_000_000, 1_772_366_400_250_000, -62_135_596_800_000_000, -62_135_596_800_000_001,
                253_402_300_800_000_000, 9_223_371_331_199_999_999, -210_866_803_200_000_000, .max, .min,
            ].map(Timestamp.init(microseconds:))
        )
    }

    @Test func `durations come back to the microsecond`() async throws {
        try await roundTrip(
            [
                .zero, .microseconds(1), .microseconds(-1), .milliseconds(-1_500), .seconds(86_400 * 400),
                .seconds(-3_661), .seconds(2_000_000_000), .microseconds(Int64(59_999_999)),
            ] as [Duration]
        )
    }

    private enum Color: String, PostgresCodable, PostgresArrayElement {
        case red
        case green
    }

    @Test func `an enumeration of strings comes back, and an unknown case is an error`() async throws {
        try await roundTrip([Color.red, .green])
        try await roundTrip([[Color.red, .green]])
        let connection = try await TestDatabase.current.connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.session { db throws(PostgresError) in
                try db.query("select 'blue' as paint", as: Color.self)
            }
        }
        #expect(error?.kind == .decoding(column: "paint", wanted: "Color"))
    }
}

/// What the server never sends in a round trip.
struct TextFormatTests {
    @Test(arguments: [
        ("1970-01-01 00:00:00+00", 0), ("1970-01-01 01:00:00+01", 0), ("1969-12-31 18:30:00-05:30", 0),
        ("1970-01-01 00:00:00.5+00", 500_000), ("0001-01-01 00:00:00+00 BC", -62_167_219_200_000_000),
    ]) func `an instant is read in any time zone`(text: String, microseconds: Int64) {
        #expect(Timestamp(postgresText: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "now", "1970-01-01", "1970-01-01 00:00:00", "70-01-01 00:00:00+00", "999999-01-01 00:00:00+00",
    ])
    func `what is no instant is refused`(text: String) {
        #expect(Timestamp(postgresText: text) == nil)
    }

    @Test func `an instant is shown as RFC 3339`() {
        #expect("\(Timestamp(microseconds: 1_772_366_400_250_000))" == "2026-03-01T12:00:00.250000Z")
        #expect("\(Timestamp(epochSeconds: -1))" == "1969-12-31T23:59:59Z")
    }

    @Test(arguments: [
        ("00:00:00", Duration.zero), ("-00:00:01.5", .milliseconds(-1_500)), ("2 days", .seconds(172_800)),
        ("1 day -02:00:03.000001", .seconds(79_197) - .microseconds(1)), ("-1 days +02:03:04", .seconds(-79_016)),
        ("PT0S", Duration.zero), ("P1DT-2H3M-4.5S", .seconds(86_400 - 7_200 + 180) - .milliseconds(4_500)),
        ("PT-0.25S", .milliseconds(-250)), ("P-1D", .seconds(-86_400)),
    ]) func `an interval of days and less is read`(text: String, duration: Duration) {
        #expect(Duration(postgresText: text) == duration)
    }

    @Test(arguments: [
        "", "1 mon", "1 year 2 days", "1 day x", "P1M", "P1Y2M3D", "PT1", "PT1D", "PTS", "P99999999999999D",
    ])
    func `what is no interval, or one of months, is refused`(text: String) {
        #expect(Duration(postgresText: text) == nil)
    }

    @Test(arguments: ["", "{", "}", "{1", "{1,", "1", "{1}x", "{{1},{2}}", #"{"a}"#, "{x}"])
    func `what is no array of numbers is refused`(text: String) {
        #expect([Int](postgresText: text) == nil)
    }

    @Test func `the bounds of an array are skipped`() {
        #expect([Int](postgresText: "[0:1]={5,6}") == [5, 6])
    }

    @Test(arguments: ["", "ff", "\\xf", "\\xfg", "\\\\000"]) func `what is not hexadecimal is refused`(text: String) {
        #expect([UInt8](postgresText: text) == nil)
    }
}
