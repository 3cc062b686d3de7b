import Crypto
package import Foundation
package import TLSPolicy

/// A plan as it is reviewed, kept in a file, and carried out.
///
/// It holds no secret. Hostnames for which nothing changes are counted and not listed. The checksum is over the
/// meaning: neither the file's layout nor the order of its rows matters.
package struct PlanDocument: Hashable, Sendable {
    package let head: PlanHead
    /// In the order of the hostnames' numbers.
    package let rows: [PlanRow]
    /// SHA-256 in lower-case hexadecimal.
    package let checksum: String
    /// The rows as JSON, each made once: for the checksum and for the file.
    private let lines: [Data]

    package init(head: PlanHead, rows: [PlanRow]) throws {
        let encoder = Self.encoder
        let rows = rows.sorted { $0.basis.hostnameID < $1.basis.hostnameID }
        var hash = SHA256()
        hash.update(data: try encoder.encode(head))
        lines = try rows.map { row in
            let line = try encoder.encode(row)
            hash.update(data: Data("\n".utf8))
            hash.update(data: line)
            return line
        }
        self.head = head
        self.rows = rows
        checksum = hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// The document's bytes in pieces: one JSON object with a row on each line.
    package func pieces() throws -> [Data] {
        let head = String(decoding: try Self.encoder.encode(head), as: UTF8.self)
        let start = "{\"checksum\":\"\(checksum)\",\n\"head\":\(head),\n\"rows\":["
        let rows = lines.enumerated().map { index, line in Data((index == 0 ? "\n" : ",\n").utf8) + line }
        return [Data(start.utf8)] + rows + [Data("\n]}\n".utf8)]
    }

    /// Reads a document.
    ///
    /// - Throws: ``PlanDocumentError``.
    package init(reading bytes: Data) throws(PlanDocumentError) {
        let wire: Wire
        do {
            wire = try JSONDecoder().decode(Wire.self, from: bytes)
        } catch {
            throw .unreadable
        }
        guard wire.head.format == PlanHead.currentFormat else { throw .otherFormat(wire.head.format) }
        guard let read = try? PlanDocument(head: wire.head, rows: wire.rows), read.checksum == wire.checksum else {
            throw .edited
        }
        self = read
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    private struct Wire: Decodable {
        let checksum: String
        let head: PlanHead
        let rows: [PlanRow]
    }
}

/// What a plan was made for, and against.
package struct PlanHead: Hashable, Sendable, Codable {
    /// The form of the document this program writes and reads.
    package static let currentFormat = "usher/plan/v1"

    package var format = Self.currentFormat
    package var selection: PlanSelection
    /// The revisions of the selected hostnames' tiers, such as `gold@8`.
    package var policies: [String]
    /// `nil` if the zone was never read: the provider's defaults were taken.
    package var zone: ZoneSettings?
    package var summary: PlanSummary
    /// The strictest guards of those revisions; `nil` in a plan made before plans carried them.
    package var guards: Guards?

    package init(
        selection: PlanSelection,
        policies: [String],
        zone: ZoneSettings?,
        summary: PlanSummary,
        guards: Guards? = nil
    ) {
        self.selection = selection
        self.policies = policies
        self.zone = zone
        self.summary = summary
        self.guards = guards
    }

    /// What carrying the plan out must keep to: a plan that names no guards has the standing ones.
    package var effectiveGuards: Guards { guards ?? Guards() }
}

/// Which hostnames are planned; what is not given does not narrow the choice.
package struct PlanSelection: Hashable, Sendable, Codable {
    package var tenant: String?
    package var tier: String?
    /// A canonical A-label.
    package var hostname: String?
    /// Plan with this revision of the tier's policy and not with the present one.
    package var revision: Int?

    package init(tenant: String? = nil, tier: String? = nil, hostname: String? = nil, revision: Int? = nil) {
        self.tenant = tenant
        self.tier = tier
        self.hostname = hostname
        self.revision = revision
    }

    package var isEverything: Bool { tenant == nil && tier == nil && hostname == nil }
}

/// Why a file is no plan to be carried out.
package enum PlanDocumentError: Error, Hashable, Sendable {
    case unreadable
    case otherFormat(String)
    /// The checksum does not match: what was reviewed is not what is in the file.
    case edited
}

extension PlanDocumentError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable: "the file is not a plan of usher's"
        case .otherFormat(let format): "the plan has the form \(format), which this usher does not know"
        case .edited: "the plan is not as it was made: its checksum does not match"
        }
    }
}
