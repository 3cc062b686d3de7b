import Foundation
import Postgres
import TestSupport
import Testing

/// `usher plan` and `usher apply`, as a person and a script meet them.
@Suite(.database)
struct PlanCommandTests {
    /// Twenty hostnames of `acme` that have what their tier asks for, two that have less, one that has more.
    private func fill(_ fixture: CommandFixture) async throws {
        _ = try await fixture.usher("tenant", "set-tier", "acme", "pro", "--event", "e1", "--version", "1")
        let rows = (1...23).map { "acme,pro,h\($0).shop.com" }
        let file = (["tenant,tier,hostname"] + rows).joined(separator: "\n")
        let run = try await fixture.usher("enqueue", "-", "--format", "csv", input: file)
        try #require(run.status == 0, "\(run.errors)")
        try await execute(
            """
            update usher.hostname set provider_id = name, observed_at = now(), observed = jsonb_build_object(
                'id', name, 'status', 'active', 'ssl_status', 'active', 'method', 'http', 'type', 'dv',
                'wildcard', false, 'custom_certificate', false, 'verification_errors', '[]'::jsonb,
                'validation_errors', '[]'::jsonb,
                'settings', jsonb_build_object('http3', 'on', 'tls_1_3', 'on', 'ciphers', to_jsonb(array[
                    'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384',
                    'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305',
                    'ECDHE-RSA-CHACHA20-POLY1305'])) || jsonb_build_object('min_tls_version',
                    case when name in ('h1.shop.com', 'h2.shop.com') then '1.0'
                         when name = 'h3.shop.com' then '1.3' else '1.2' end))
            """
        )
    }

    private func execute(_ script: String) async throws {
        let connection = try await TestDatabase.current.connect()
        try await connection.session { db throws(PostgresError) in try db.executeScript(script) }
        await connection.close()
    }

    private func refuseWish(_ hostname: String) -> String {
        "update usher.hostname set wish = '{\"min_tls\": \"1.0\"}' where name = '\(hostname)'"
    }

    @Test func `a plan shows what changes, from what to what and why, and its sum`() async throws {
        try await CommandFixture.with { fixture in
            try await fill(fixture)
            try await execute(refuseWish("h4.shop.com"))
            let run = try await fixture.usher("plan", "--tier", "pro")
            #expect(run.status == 0, "\(run.errors)")
            let lines = run.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(lines.contains { $0.hasPrefix("plan  policy pro@1  zone never read") })
            #expect(lines.filter { $0.hasPrefix("~ ") }.count == 2)
            #expect(lines.contains { $0.hasPrefix(#"min_tls_version  "1.0" -> "1.2"   pro@1 requires TLS 1.2"#) })
            #expect(lines.contains(#"(kept) http3 "on"  not ours"#))
            #expect(lines.contains { $0.hasPrefix("! h3.shop.com") })
            #expect(lines.contains { $0.hasPrefix(#"min_tls_version  WEAKENS "1.3" -> "1.2""#) })
            #expect(lines.contains { $0.hasPrefix("x h4.shop.com") })
            #expect(lines.contains { $0.hasSuffix("have the weakening approved (tenant must act)") })
            #expect(lines.contains("= 19 unchanged"))
            let counts = "0 to create, 2 to change, 19 unchanged, 0 waiting, 1 refused, 1 need approval"
            #expect(lines.contains("Plan: \(counts). 8.7 % of 23 (limit 10 %)."))
            let budget = "2 writes + 2 reads + 1 list page: at least 1s at 1,200 calls in 5 minutes"
            #expect(lines.last == "Budget: \(budget). No new certificates.")
        }
    }

    @Test func `the status tells of changes only when asked to`() async throws {
        try await CommandFixture.with { fixture in
            try await fill(fixture)
            #expect(try await fixture.usher("plan").status == 0)
            let changes = try await fixture.usher("plan", "--detailed-exitcode")
            #expect(changes.status == 2)
            #expect(changes.errorLines.last == "result=changes creates=0 changes=2 approvals=1")
            let none = try await fixture.usher("plan", "--hostname", "H9.Shop.com", "--detailed-exitcode")
            #expect(none.status == 0)
            #expect(none.errorLines.last == "result=no_changes creates=0 changes=0 approvals=0")
        }
    }

    @Test func `a selection that selects nothing is an error, not an empty plan`() async throws {
        try await CommandFixture.with { fixture in
            let run = try await fixture.usher("plan", "--tenant", "acmee")
            #expect(run.status == 1)
            #expect(run.errorLines.first == "usher: no claimed hostname is selected")
            #expect(try await fixture.usher("plan").status == 0)
            #expect(
                try await fixture.usher("plan", "--policy", "pro@7").errors.hasPrefix("usher: there is no policy pro@7")
            )
            #expect(try await fixture.usher("plan", "--policy", "pro@1", "--tier", "free").status == 64)
        }
    }

    @Test func `a reviewed plan is carried out, and nothing but it`() async throws {
        try await CommandFixture.with { fixture in
            try await fill(fixture)
            let path = fixture.folder.url.appending(path: "plan.json").path()
            let planned = try await fixture.usher("plan", "--out", path, "--json")
            #expect(planned.output == (try String(contentsOfFile: path, encoding: .utf8)))
            let asked = try await fixture.usher("apply", path)
            #expect(asked.status == 64)
            #expect(asked.errors.contains("--yes"))
            let applied = try await fixture.usher("apply", path, "--yes", "--json")
            #expect(applied.status == 0, "\(applied.errors)")
            #expect(applied.errors.contains("0 to create, 2 to change, 8.7 % of 23 (limit 10 %)"))
            let answer = try applied.document(as: Applied.self)
            #expect(answer.queued == 2)
            #expect(answer.held == 1)
            #expect(answer.moved.isEmpty)
        }
    }

    @Test func `a plan that is stale is carried out only as far as it still holds`() async throws {
        try await CommandFixture.with { fixture in
            try await fill(fixture)
            let path = fixture.folder.url.appending(path: "plan.json").path()
            _ = try await fixture.usher("plan", "--out", path)
            try await execute(
                "update usher.hostname set observed = observed || '{\"status\": \"moved\"}' where name = 'h1.shop.com'"
            )
            let applied = try await fixture.usher("apply", path, "--yes")
            #expect(applied.status == 3)
            #expect(applied.output.contains("1 left alone, not as they were planned:\n"))
            #expect(applied.output.contains("  x h1.shop.com  tenant acme  the provider shows something else\n"))
            let tiers = CommandFixture.tiers.replacing("weight: 4", with: "weight: 9")
            _ = try await fixture.usher("tier", "apply", "-", "--reason", "test", input: tiers)
            let late = try await fixture.usher("apply", path, "--yes")
            #expect(late.status == 3)
            #expect(late.output.hasPrefix("nothing was queued\n"))
            #expect(late.output.contains("the tier's policy is at another revision"))
        }
    }

    @Test func `a plan that was edited, or is none, is refused`() async throws {
        try await CommandFixture.with { fixture in
            try await fill(fixture)
            let plan = try await fixture.usher("plan", "--json").output
            let edited = plan.replacing("h1.shop.com", with: "h5.shop.com")
            try #require(edited != plan)
            let run = try await fixture.usher("apply", "-", "--yes", input: edited)
            #expect(run.status == 65)
            #expect(run.errorLines.first == "usher: the plan is not as it was made: its checksum does not match")
            #expect(try await fixture.usher("apply", "-", "--yes", input: "{}").status == 65)
            let missing = try await fixture.usher("apply", "/nonexistent/plan.json", "--yes")
            #expect(missing.status == 65)
            #expect(try await fixture.usher("apply", "-", "--yes", input: plan).status == 0)
        }
    }

    @Test func `more than a tenth is changed only when told so`() async throws {
        try await CommandFixture.with { fixture in
            try await fill(fixture)
            try await execute(
                "update usher.hostname set observed = jsonb_set(observed, '{settings,min_tls_version}', '\"1.1\"')"
            )
            let plan = try await fixture.usher("plan", "--json").output
            let stopped = try await fixture.usher("apply", "-", "--yes", input: plan)
            #expect(stopped.status == 1)
            #expect(stopped.errorLines.first == "usher: the plan changes 23 of 23 hostnames, 100 %; the limit is 10 %")
            #expect(stopped.errorLines.last == "  hint: if that is meant: --max-change 100")
            #expect(try await fixture.usher("apply", "-", "--yes", "--max-change", "99", input: plan).status == 1)
            let applied = try await fixture.usher("apply", "-", "--yes", "--max-change", "100", input: plan)
            #expect(applied.output.contains(": 23 queued, 23 of them in the queue before\n"))
        }
    }

    @Test func `a tier's own guard is shown by the plan and kept to by apply`() async throws {
        try await CommandFixture.with { fixture in
            try await fill(fixture)
            let strict = CommandFixture.tiers + "\n    guards: {max_change: 5%}\n"
            let stored = try await fixture.usher("tier", "apply", "-", "--reason", "test", input: strict)
            try #require(stored.status == 0, "\(stored.errors)")
            let shown = try await fixture.usher("plan", "--tier", "pro")
            #expect(shown.output.contains("8.7 % of 23 (limit 5 %, exceeded).\n"))
            let plan = try await fixture.usher("plan", "--json").output
            let stopped = try await fixture.usher("apply", "-", "--yes", input: plan)
            #expect(stopped.status == 1)
            #expect(stopped.errorLines.first == "usher: the plan changes 2 of 23 hostnames, 8.7 %; the limit is 5 %")
            #expect(stopped.errorLines.last == "  hint: if that is meant: --max-change 9")
            let applied = try await fixture.usher("apply", "-", "--yes", "--max-change", "9", input: plan)
            #expect(applied.status == 0, "\(applied.errors)")
            #expect(applied.errors.contains("8.7 % of 23 (limit 9 %)"))
        }
    }

    @Test func `a diff of two revisions counts promises`() async throws {
        try await CommandFixture.with { fixture in
            try await fill(fixture)
            let stricter = CommandFixture.tiers.replacing("pci@1", with: "strict@1")
            _ = try await fixture.usher("tier", "apply", "-", "--reason", "test", input: stricter)
            let diff = try await fixture.usher("tier", "diff", "pro@1", "pro@2")
            #expect(diff.status == 0, "\(diff.errors)")
            let lines = diff.output.split(separator: "\n")
            #expect(lines.first == "pro@1 -> pro@2")
            #expect(lines.contains { $0.hasPrefix("  + min_tls") && $0.hasSuffix("1.2 -> 1.3  stronger") })
            #expect(lines.last == "Promises of 23 hostnames: 23 stronger, 0 weaker, 0 incomparable, 0 unchanged.")
            let back = try await fixture.usher("tier", "diff", "pro@2", "pro@1", "--json").document(as: Diff.self)
            #expect(back.direction == "weaker")
            #expect(back.hostnames.weaker == 23)
            let same = try await fixture.usher("tier", "diff", "pro@2", "pro@2")
            #expect(same.output.contains("\n  nothing differs\n"))
            let file = try fixture.folder.file("next.yaml", CommandFixture.tiers)
            let next = try await fixture.usher("tier", "diff", "pro@2", file, "--json").document(as: Diff.self)
            #expect(next.keys.map(\.key) == ["profile", "min_tls", "ciphers"])
            #expect(try await fixture.usher("tier", "diff", "pro@2", "pro@9").status == 1)
        }
    }

    private struct Applied: Decodable {
        let queued: Int
        let held: Int
        let moved: [Moved]

        struct Moved: Decodable {
            let hostname: String
        }
    }

    private struct Diff: Decodable {
        let direction: String
        let keys: [Key]
        let hostnames: Hostnames

        struct Key: Decodable {
            let key: String
        }

        struct Hostnames: Decodable {
            let weaker: Int
        }
    }
}
