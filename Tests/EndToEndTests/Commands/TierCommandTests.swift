import Postgres
import TestSupport
import Testing

@Suite(.database)
struct TierCommandTests {
    private func apply(_ tiers: String, _ fixture: CommandFixture) async throws -> [Document.Tiers.Change] {
        let run = try await fixture.usher("tier", "apply", "-", "--reason", "test", "--json", input: tiers)
        try #require(run.status == 0, "\(run.errors)")
        return try run.document(as: Document.Tiers.self).tiers
    }

    @Test func `a file that means the same makes no revision`() async throws {
        try await CommandFixture.with { fixture in
            let otherLayout = CommandFixture.tiers.replacing("weight: 1", with: "weight:   1   # the same")
            let changes = try await apply(otherLayout, fixture)
            #expect(changes.map(\.changed) == [false, false])
            #expect(changes.map(\.revision) == [1, 1])
        }
    }

    @Test func `a change makes a revision of that tier alone, and keeps the old one`() async throws {
        try await CommandFixture.with { fixture in
            let changes = try await apply(CommandFixture.tiers.replacing("weight: 4", with: "weight: 9"), fixture)
            #expect(changes.map(\.changed) == [false, true])
            #expect(changes.map(\.revision) == [1, 2])
            let old = try await fixture.usher("tier", "get", "pro@1")
            #expect(old.output.contains("pro@1 (not the current revision)"))
            #expect(old.output.contains("by tester: test"))
        }
    }

    @Test func `the tier's share reaches the lanes of tenants that are there already`() async throws {
        try await CommandFixture.with { fixture in
            _ = try await fixture.usher("tenant", "set-tier", "acme", "pro", "--event", "e1", "--version", "1")
            _ = try await apply(CommandFixture.tiers.replacing("weight: 4", with: "weight: 9"), fixture)
            let connection = try await TestDatabase.current.connect()
            let weight = try await connection.session { db throws(PostgresError) in
                try db.one("select weight from usher.lane where name = 'acme'", as: Int.self)
            }
            #expect(weight == 9)
        }
    }

    @Test func `a late event and a repeated one change nothing`() async throws {
        try await CommandFixture.with { fixture in
            _ = try await fixture.usher("tenant", "set-tier", "acme", "pro", "--event", "e2", "--version", "2")
            let late = try await fixture.usher("tenant", "set-tier", "acme", "free", "--event", "e1", "--version", "1")
            #expect(late.status == 0)
            #expect(late.output == "nothing changed: acme stays on pro; old event\n")
        }
    }
}
