import Foundation
import Postgres
import TestSupport
import Testing

/// Orders over many jobs, as a person gives them.
@Suite(.database)
struct OperateCommandTests {
    private func enqueue(_ count: Int, _ fixture: CommandFixture) async throws {
        let rows = (1...count).map { "acme,pro,s\($0).shop.com" }
        let file = (["tenant,tier,hostname"] + rows).joined(separator: "\n")
        let run = try await fixture.usher("enqueue", "-", "--format", "csv", input: file)
        try #require(run.status == 0, "\(run.errors)")
    }

    /// Everything that is ready fails, as in an outage.
    private func fail() async throws {
        let connection = try await TestDatabase.current.connect()
        try await connection.transaction { db throws(PostgresError) in
            try db.executeScript(
                """
                with gone as (delete from usher.ready returning job_id)
                insert into usher.ended (job_id, state, outcome, error_class, message, actor, attempts)
                select job_id, 'failed', 'failed', 'provider_down', 'no', 'provider', 1 from gone;
                delete from usher.live;
                """
            )
        }
        await connection.close()
    }

    @Test func `a replay is counted, ordered, watched and stopped`() async throws {
        try await CommandFixture.with { fixture in
            try await enqueue(30, fixture)
            try await fail()
            let order = ["replay", "--query", "state=dead AND error_class=provider_down", "--reason", "outage over"]
            let dry = try await fixture.usher(order + ["--dry-run"])
            #expect(dry.output == "would replay 30 jobs\n")
            #expect(
                dry.errorLines == [
                    "scope: state = failed AND error_class = provider_down", "  provider_down 30; of 1 tenant",
                ]
            )
            let wrong = try await fixture.usher(order + ["--expect", "31"])
            #expect(wrong.status == 1)
            #expect(wrong.errors == "usher: 30 jobs are selected, 31 were expected (UE053)\n  hint: preview it again\n")
            let run = try await fixture.usher(
                order + ["--expect", "30", "--rate", "120/min", "--halt-at", "10%", "--actor", "maria"]
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(
                run.output.hasSuffix(": 30 jobs; canary\nfollow it: usher replay status 2\n"),
                "\(run.output)"
            )
            let status = try await fixture.usher("replay", "status", "2")
            #expect(
                status.output.contains("  canary of 25, 120 a minute at most, halts above 10 % failures\n")
            )
            #expect(status.output.contains("jobs:           30, 10 to be queued\n"), "\(status.output)")
            #expect(try await fixture.usher("replay", "halt", "2", "--reason", "a look first").status == 0)
            let list = try await fixture.usher("replay", "list")
            #expect(list.output.contains("halted"))
            let cancelled = try await fixture.usher("replay", "cancel", "2", "--reason", "never mind", "--json")
            #expect(try cancelled.document(as: Status.self).state == "cancelled")
            let late = try await fixture.usher("replay", "resume", "2", "--reason", "x")
            #expect(late.status == 1)
            #expect(late.errors.hasPrefix("usher: replay 2 is in state cancelled (UE052)\n"))
            let audit = try await fixture.usher("audit", "list", "--actor", "maria", "--json")
            #expect(try audit.document(as: Audit.self).orders.map(\.action) == ["replay_start"])
            #expect(
                try await fixture.usher("audit", "list").output.contains("tester"),
                "the user, if nobody else is named"
            )
        }
    }

    @Test func `a filter that is not understood is one line with its place, wherever it is given`() async throws {
        try await CommandFixture.with { fixture in
            for command in [
                ["replay", "--query", "stat=dead", "--reason", "x"], ["job", "list", "--query", "stat=dead"],
                ["job", "cancel", "--query", "stat=dead", "--reason", "x", "--yes"],
            ] {
                let run = try await fixture.usher(command)
                #expect(run.status == 65)
                let lines = run.errorLines
                #expect(lines.first == "usher: filter, column 1: there is no field \"stat\" (UE050)")
                #expect(lines.last?.hasPrefix("  hint: did you mean state? fields: state, ") == true)
            }
        }
    }

    @Test func `jobs are listed by a filter, page by page`() async throws {
        try await CommandFixture.with { fixture in
            try await enqueue(5, fixture)
            let list = ["job", "list", "--query", "tier = pro AND state != done", "--tenant", "acme", "--json"]
            let page = try await fixture.usher(list + ["--limit", "2"]).document(as: Document.Jobs.self).jobs
            #expect(page.map(\.hostname) == ["s5.shop.com", "s4.shop.com"])
            let rest = try await fixture.usher(list + ["--before", "\(page[1].jobId)"]).document(as: Document.Jobs.self)
            #expect(rest.jobs.map(\.hostname) == ["s3.shop.com", "s2.shop.com", "s1.shop.com"])
        }
    }

    @Test func `many jobs are cancelled after a question, or without one`() async throws {
        try await CommandFixture.with { fixture in
            try await enqueue(30, fixture)
            let order = ["job", "cancel", "--query", "tenant = acme AND job <= 20", "--reason", "contract ended"]
            let asked = try await fixture.usher(order)
            #expect(asked.status == 64)
            #expect(asked.errorLines.first?.hasPrefix("scope: state in (ready, ") == true, "\(asked.errors)")
            #expect(asked.errorLines.dropFirst().first == "  ready 20; of 1 tenant")
            let run = try await fixture.usher(order + ["--yes"])
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output == "cancellation 2: 20 cancelled\n")
            // What was prepared and not confirmed can be gone on with; its jobs have ended by now.
            #expect(try await fixture.usher("job", "cancel", "--resume", "1").status == 0)
            #expect(try await fixture.usher("job", "cancel", "--resume", "9").status == 1)
            #expect(try await fixture.usher("job", "cancel", "--reason", "x").status == 64)
        }
    }

    @Test func `a tenant is paused, listed and resumed`() async throws {
        try await CommandFixture.with { fixture in
            try await enqueue(1, fixture)
            let tenant = ["--scope", "tenant", "--name", "acme", "--reason", "their DNS moves"]
            let paused = try await fixture.usher(["pause"] + tenant)
            #expect(paused.output == "tenant acme: paused until it is resumed\n", "\(paused.errors)")
            let until = try await fixture.usher("pause", "--scope", "all", "--until", "2h", "--reason", "maintenance")
            #expect(until.output.hasPrefix("all jobs: paused until 20"), "\(until.errors)")
            let list = try await fixture.usher("pause", "list")
            #expect(list.output.split(separator: "\n").count == 3, "\(list.output)\(list.errors)")
            #expect(list.output.contains("their DNS moves"))
            let resumed = try await fixture.usher(["resume"] + tenant)
            #expect(resumed.output == "tenant acme: resumed\n", "\(resumed.errors)")
            let again = try await fixture.usher(["resume"] + tenant)
            #expect(again.output == "tenant acme: resumed; it was not paused\n", "\(again.errors)")
            let rest = try await fixture.usher("pause", "list", "--json").document(as: Pauses.self).pauses
            #expect(rest.map(\.scope) == ["all"])
            #expect(try await fixture.usher("pause", "--scope", "all", "--name", "x", "--reason", "x").status == 64)
            #expect(try await fixture.usher("pause", "--scope", "tier", "--reason", "x").status == 64)
        }
    }

    private struct Pauses: Decodable {
        let pauses: [Pause]

        struct Pause: Decodable {
            let scope: String
        }
    }

    private struct Status: Decodable {
        let state: String
    }

    private struct Audit: Decodable {
        let orders: [Order]

        struct Order: Decodable {
            let action: String
        }
    }
}
