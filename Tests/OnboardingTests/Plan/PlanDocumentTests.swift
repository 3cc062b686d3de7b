import Foundation
import Onboarding
import TLSPolicy
import Testing

@Suite struct PlanDocumentTests {
    private func row(_ number: Int64, _ action: PlanAction = .change, after: String = "1.3") -> PlanRow {
        let change = PlannedChange(
            key: .minimumTLS,
            before: "1.2",
            after: after,
            kind: .strengthen,
            reason: "gold@8 requires it"
        )
        return PlanRow(
            hostname: "h\(number).shop.com",
            tenant: "acme",
            action: action,
            changes: [change],
            basis: PlanBasis(hostnameID: number, generation: 1, policy: "gold@8", state: "s\(number)")
        )
    }

    private func document(_ rows: [PlanRow], guards: Guards? = Guards()) throws -> PlanDocument {
        var summary = PlanSummary(population: 100)
        for row in rows { summary.count(row) }
        let head = PlanHead(
            selection: PlanSelection(tier: "gold"),
            policies: ["gold@8"],
            zone: ZoneSettings(),
            summary: summary,
            guards: guards
        )
        return try PlanDocument(head: head, rows: rows)
    }

    private func bytes(_ document: PlanDocument) throws -> Data {
        try document.pieces().reduce(Data()) { $0 + $1 }
    }

    @Test func `the checksum is over the meaning, not the order of the rows`() throws {
        let rows = (1...20).map { row($0) }
        let checksum = try document(rows).checksum
        for _ in 0..<20 {
            #expect(try document(rows.shuffled()).checksum == checksum)
        }
        #expect(checksum.count == 64)
    }

    @Test func `a document laid out anew is the same document`() throws {
        let made = try document((1...5).map { row($0) })
        let object = try JSONSerialization.jsonObject(with: try bytes(made))
        let pretty = try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted])
        #expect(pretty != (try bytes(made)))
        #expect(try PlanDocument(reading: pretty) == made)
    }

    @Test func `every part of a row counts`() throws {
        let first = row(1)
        var others = [row(2), row(1, .create), row(1, after: "1.2")]
        for edit in [
            { $0.tenant = "beta" }, { $0.basis.generation = 2 }, { $0.basis.state = "t" },
            { $0.basis.policy = "gold@9" },
            { $0.basis.certificateID = 1 }, { $0.partial = "x" },
        ] as [(inout PlanRow) -> Void] {
            var other = first
            edit(&other)
            others.append(other)
        }
        let checksums = try Set(([first] + others).map { try document([$0]).checksum })
        #expect(checksums.count == others.count + 1)
    }

    @Test func `an edited document is refused`() throws {
        let text = String(decoding: try bytes(try document([row(1), row(2)])), as: UTF8.self)
        for (old, new) in [
            ("\"1.3\"", "\"1.0\""), ("\"max_change\":10", "\"max_change\":99"), ("h2.shop.com", "h3.shop.com"),
            ("\"population\":100", "\"population\":9"),
        ] {
            let edited = text.replacing(old, with: new)
            try #require(edited != text)
            #expect(throws: PlanDocumentError.edited) { try PlanDocument(reading: Data(edited.utf8)) }
        }
        #expect(throws: PlanDocumentError.unreadable) { try PlanDocument(reading: Data(text.utf8.dropLast(9))) }
        #expect(throws: PlanDocumentError.otherFormat("usher/plan/v9")) {
            try PlanDocument(reading: Data(text.replacing("plan/v1", with: "plan/v9").utf8))
        }
    }

    @Test func `the least time is that of the tighter limit`() {
        #expect(PlanCost(creations: 10_000, edits: 0, population: 0).time == .seconds(40_000))
        #expect(PlanCost(creations: 0, edits: 25_500, population: 1_000).calls == 51_001)
        #expect(PlanCost(creations: 0, edits: 600, population: 0).time == .seconds(300))
        #expect(PlanCost(creations: 0, edits: 0, population: 50_000).calls == 0)
    }

    @Test(arguments: [(1, 10, false), (2, 10, true), (9, 9, false), (10, 100, false), (11, 100, true), (0, 0, false)])
    func `the guard stops what changes more than a tenth of ten or more`(changed: Int, population: Int, stops: Bool) {
        let share = ChangeShare(changed: changed, population: population)
        #expect(share.exceeds(Guards()) == stops)
        #expect(!share.exceeds(Guards(), limitPercent: Double(share.leastAllowingPercent)))
        #expect(!share.exceeds(Guards(maximumChangePercent: share.leastAllowingPercent)))
    }

    @Test func `the guards of a tier are kept to, stricter or looser than the standing ones`() {
        let share = ChangeShare(changed: 6, population: 100)
        #expect(share.exceeds(Guards(maximumChangePercent: 5)))
        #expect(!share.exceeds(Guards(maximumChangePercent: 6)))
        #expect(!share.exceeds(Guards(maximumChangePercent: 5, minimumPopulation: 101)))
        #expect(share.exceeds(Guards(maximumChangePercent: 0, minimumPopulation: 1)))
        #expect(share.exceeds(Guards(maximumChangePercent: 50), limitPercent: 5), "a person may allow less, too")
    }

    /// Made before plans carried guards; its checksum is over a head without them.
    @Test func `a document without guards reads, and has the standing ones`() throws {
        let made = try document([row(1)], guards: nil)
        #expect(!String(decoding: try bytes(made), as: UTF8.self).contains("guards"))
        let read = try PlanDocument(reading: try bytes(made))
        #expect(read == made)
        #expect(read.head.guards == nil && read.head.effectiveGuards == Guards())
        let strict = try document([row(1)], guards: Guards(maximumChangePercent: 5))
        #expect(try PlanDocument(reading: try bytes(strict)).head.effectiveGuards.maximumChangePercent == 5)
        #expect(strict.checksum != made.checksum)
    }
}
