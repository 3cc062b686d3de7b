package import Foundation
package import Onboarding
import TLSPolicy

/// One name of an export: its certificate, and what was wanted and seen.
package struct EvidenceEntry: Sendable, Encodable {
    let hostname: String
    let owner: String
    let tier: String
    let standing: String
    let policy: String?
    let result: String?
    let lastChecked: Date?
    let lastVerified: Date?
    let address: String?
    let certificates: [Certificate]
    let wantedVersions: [String]
    let seenVersions: [String]
    let wantedSuites: [String]
    let seenSuites: [String]

    /// A leaf that was served.
    package struct Certificate: Sendable, Encodable {
        let fingerprint: String
        let serial: String
        let issuer: String
        let notAfter: Date
    }

    /// One for each name that was looked at; one without evidence if none was.
    package static func all(of line: EvidenceLine) -> [EvidenceEntry] {
        if line.wanted.isEmpty { return [EvidenceEntry(line, nil, nil)] }
        return line.wanted.map { wanted in
            EvidenceEntry(line, wanted, line.seen.first { $0.name == wanted.name })
        }
    }

    private init(_ line: EvidenceLine, _ wanted: ProofExpectation?, _ seen: EdgeSighting?) {
        hostname = wanted.map { $0.name == line.hostname ? $0.name : "*.\(line.hostname)" } ?? line.hostname
        owner = line.owner
        tier = line.tier
        standing = line.standing
        policy = line.policy
        result = line.result?.rawValue
        lastChecked = line.checkedAt
        lastVerified = line.verifiedAt
        address = line.address
        certificates = seen?.leaves.map(Certificate.init) ?? []
        wantedVersions = wanted?.versions.filter { $0.demand == .accepted }.map(\.version.rawValue) ?? []
        seenVersions = seen?.versions.filter(\.isAccepted).map(\.version.rawValue) ?? []
        wantedSuites = wanted?.versions.flatMap(\.suites).map(\.name).uniqued ?? []
        seenSuites = seen?.versions.flatMap(\.suites).map(\.name).uniqued ?? []
    }
}

extension EvidenceEntry.Certificate {
    fileprivate init(_ leaf: CertificateFacts) {
        self.init(
            fingerprint: leaf.fingerprint,
            serial: leaf.serial,
            issuer: leaf.issuer,
            notAfter: Date(timeIntervalSince1970: TimeInterval(leaf.notAfter))
        )
    }
}

extension [String] {
    /// The elements without repetition, in the order of their first appearance.
    fileprivate var uniqued: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}

/// How entries are written out, page by page.
protocol EvidenceDocument {
    var start: Data { get }
    var end: Data { get }

    /// The text of more entries.
    mutating func text(of entries: [EvidenceEntry]) throws -> Data
}

/// RFC 4180, with a line for the titles.
package struct EvidenceCSV: EvidenceDocument {
    private static let titles = [
        "hostname", "owner", "tier", "standing", "policy", "result", "last_checked", "last_verified", "address",
        "certificate_sha256", "certificate_serial", "issuer", "expires", "wanted_versions", "seen_versions",
        "wanted_suites", "seen_suites",
    ]

    package init() {}

    /// The titles.
    package var start: Data { Self.line(Self.titles) }

    /// Nothing comes after the last line.
    package var end: Data { Data() }

    /// A line for each entry.
    package func text(of entries: [EvidenceEntry]) -> Data {
        entries.reduce(into: Data()) { text, entry in text += Self.line(Self.fields(of: entry)) }
    }

    private static func fields(of entry: EvidenceEntry) -> [String] {
        func time(_ date: Date?) -> String { date.map { $0.ISO8601Format() } ?? "" }
        func list(_ texts: [String]) -> String { texts.joined(separator: " ") }
        let certificates = entry.certificates
        return [
            entry.hostname, entry.owner, entry.tier, entry.standing, entry.policy ?? "", entry.result ?? "",
            time(entry.lastChecked), time(entry.lastVerified), entry.address ?? "",
            list(certificates.map(\.fingerprint)), list(certificates.map(\.serial)),
            certificates.map(\.issuer).joined(separator: " | "), list(certificates.map { time($0.notAfter) }),
            list(entry.wantedVersions), list(entry.seenVersions), list(entry.wantedSuites), list(entry.seenSuites),
        ]
    }

    private static func line(_ fields: [String]) -> Data {
        Data((fields.map(field).joined(separator: ",") + "\r\n").utf8)
    }

    /// A field, quoted where it must be.
    ///
    /// What a spreadsheet would take for a formula gets an apostrophe before it: issuers and names come from outside
    /// (OWASP, "CSV Injection").
    package static func field(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { formulaStarts.contains($0) } ?? false
        let safe = isFormula ? "'" + text : text
        guard safe.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }

    /// The last four are full-width forms, which some spreadsheets read as the plain ones.
    private static let formulaStarts: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    ]
}

/// One array, an entry a line.
struct EvidenceJSON: EvidenceDocument {
    private var isFirst = true
    private let encoder = JSONEncoder()

    init() {
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    var start: Data { Data("[".utf8) }
    var end: Data { Data("\n]\n".utf8) }

    mutating func text(of entries: [EvidenceEntry]) throws -> Data {
        var text = Data()
        for entry in entries {
            text += Data((isFirst ? "\n" : ",\n").utf8) + (try encoder.encode(entry))
            isFirst = false
        }
        return text
    }
}
