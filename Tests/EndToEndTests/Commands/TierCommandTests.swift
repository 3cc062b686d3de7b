import Postgres
import TestSupport
import Testing
import usher

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

    @Test func `what a tier says about its changes is stored, shown and compared`() async throws {
        try await CommandFixture.with { fixture in
            let more = """
                    certificate_authority: google
                    downgrade: {grace_days: 7, mtls: block}
                    rollout: {steps: [20, 100%]}
                    guards: {max_change: 5%}
                    windows: [{days: [mon], start: "09:00", duration_minutes: 60, timezone: UTC}]
                """
            let changes = try await apply(CommandFixture.tiers + "\n" + more, fixture)
            #expect(changes.map(\.changed) == [false, true])
            let shown = try await fixture.usher("tier", "get", "pro").output
            for text in [
                "google", "after 7 days: own certificate keep, client certificates block", "20, 100%, 15 minutes each",
                "at most 5% changed", "mon 09:00 +60 min UTC for policy_change, downgrade",
            ] {
                #expect(shown.contains(text), "\(text) in \(shown)")
            }
            let diff = try await fixture.usher("tier", "diff", "pro@1", "pro@2").output
            #expect(diff.contains("! downgrade.mtls           (not set) -> block  weaker"), "\(diff)")
            #expect(diff.contains("~ guards.max_change        (not set) -> 5%\n"), "\(diff)")
            #expect(diff.contains("~ certificate_authority    (not set) -> google\n"), "\(diff)")
        }
    }

    @Test func `the schema that is printed is the one the reader's tables make`() async throws {
        let run = try await UsherProcess.run(["tier", "schema"], environment: [:], input: "")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output == String(decoding: try TierFile.schema(), as: UTF8.self))
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
