import Foundation
import Postgres
import TestSupport
import Testing

/// Overrides, grants and approvals, as a person and a script meet them.
@Suite(.database)
struct ExceptionCommandTests {
    private let name = "shop.acme-usher.com"
    private let list = "ECDHE-RSA-AES128-GCM-SHA256,AES128-SHA"

    private func fill(_ fixture: CommandFixture) async throws {
        _ = try await fixture.usher("tenant", "set-tier", "acme", "pro", "--event", "e1", "--version", "1")
        let run = try await fixture.usher(
            "enqueue",
            "-",
            "--format",
            "csv",
            input: "tenant,tier,hostname\nacme,pro,\(name)"
        )
        try #require(run.status == 0, "\(run.errors)")
    }

    private func override(_ fixture: CommandFixture, _ arguments: String...) async throws -> UsherProcess {
        try await fixture.usher(["hostname", "override", name] + arguments)
    }

    @Test func `an override is decided, explained, listed and taken back`() async throws {
        try await CommandFixture.with { fixture in
            try await fill(fixture)
            let end = "2099-01-01"
            let tooFar = try await override(fixture, "--min-tls", "1.3", "--until", end, "--reason", "x")
            #expect(tooFar.status == 65)
            #expect(tooFar.errorLines.last == "  hint: at most 366 days from now; decide again then")

            let decided = try await override(
                fixture,
                "--min-tls",
                "1.0",
                "--ciphers",
                list,
                "--until",
                "30d",
                "--reason",
                "old tills",
                "--author",
                "jane",
                "--json"
            )
            #expect(decided.status == 0, "\(decided.errors)")
            let answer = try decided.document(as: Answer.self)
            #expect(answer.override?.author == "jane")
            #expect(answer.override?.minTls == "1.0")

            let explained = try await fixture.usher("hostname", "explain", name)
            #expect(explained.output.contains("explicit from override by jane until "))
            #expect(explained.output.contains(": old tills; without the override: pro@1 requires TLS 1.2 or above"))
            let lines = try await fixture.usher("hostname", "explain", name, "--json").document(as: Explanation.self)
            #expect(lines.override?.reason == "old tills")
            #expect(
                lines.settings.filter { $0.origin.hasPrefix("override by jane") }.map(\.key) == [
                    "min_tls_version", "ciphers",
                ]
            )

            let back = try await override(fixture, "--withdraw", "--reason", "tills are gone", "--author", "joe")
            #expect(back.status == 0, "\(back.errors)")
            let listed = try await fixture.usher("hostname", "get", name).output
            #expect(listed.contains("min_tls 1.0, 2 cipher suites  withdrawn"))
            #expect(listed.contains("by joe: tills are gone"))
            let again = try await override(fixture, "--withdraw", "--reason", "x")
            #expect(again.status == 1)
            #expect(again.errorLines.first == "usher: the hostname has no override (UE042)")
        }
    }

    @Test func `an override that is wrong is refused, and says why`() async throws {
        try await CommandFixture.with { fixture in
            try await fill(fixture)
            for (arguments, status, message) in [
                (["--min-tls", "1.0", "--until", "2020-01-01", "--reason", "x", "--ciphers", list], 65, "is past"),
                (["--min-tls", "1.0", "--until", "soon", "--reason", "x"], 64, "soon"),
                (["--min-tls", "1.0", "--reason", "x"], 64, "--until"),
                (["--min-tls", "1.0", "--until", "30d"], 64, "--reason"),
                (["--min-tls", "1.0", "--until", "30d", "--reason", ""], 64, "--reason must say something"),
                (["--until", "30d", "--reason", "x"], 64, "--min-tls, --ciphers or --tls-1-3"),
                (["--withdraw", "--min-tls", "1.0", "--reason", "x"], 64, "--withdraw"),
                (["--ciphers", "AES128-SHAA", "--until", "30d", "--reason", "x"], 65, "the override by "),
                (
                    ["--min-tls", "1.3", "--ciphers", "AES128-SHA", "--until", "30d", "--reason", "x"], 65,
                    "whose suites cannot be chosen"
                ),
                (["--min-tls", "1.0", "--until", "30d", "--reason", "x"], 65, "works at TLS 1.0, 1.1"),
            ] as [([String], Int32, String)] {
                let run = try await fixture.usher(["hostname", "override", name] + arguments)
                #expect(run.status == status, "\(arguments): \(run.errors)")
                #expect(run.errors.contains(message), "\(arguments): \(run.errors)")
            }
            let unknown = try await fixture.usher(
                "hostname",
                "override",
                "nobody.acme-usher.com",
                "--min-tls",
                "1.3",
                "--until",
                "30d",
                "--reason",
                "x"
            )
            #expect(unknown.status == 1)
            #expect(unknown.errorLines.first == "usher: there is no hostname nobody.acme-usher.com")
            #expect(try await fixture.usher("hostname", "get", name).output.contains("OVERRIDE") == false)
        }
    }

    @Test func `a grant is given, shown and taken back`() async throws {
        try await CommandFixture.with { fixture in
            try await fill(fixture)
            let granted = try await fixture.usher(
                "tenant",
                "grant",
                "acme",
                "mtls",
                "--reason",
                "bank",
                "--author",
                "jane"
            )
            #expect(granted.output == "acme: mtls is granted until it is revoked; 1 hostname queued\n")
            #expect(try await fixture.usher("tenant", "list").output.contains("acme    pro           1  mtls"))
            let explained = try await fixture.usher("hostname", "explain", name, "--provider-plan", "standard").output
            #expect(
                explained.contains("mtls                no  from provider plan Business: granted beyond pro@1: bank")
            )
            let past = try await fixture.usher(
                "tenant",
                "grant",
                "acme",
                "wildcard",
                "--until",
                "2020-01-01",
                "--reason",
                "x"
            )
            #expect(past.status == 65)
            let unknown = try await fixture.usher("tenant", "grant", "acme", "wildcards", "--reason", "x")
            #expect(unknown.status == 64)
            #expect(unknown.errors.contains("'custom_certificate', 'wildcard' or 'mtls'"))
            #expect(try await fixture.usher("tenant", "grant", "nobody", "mtls", "--reason", "x").status == 65)
            #expect(try await fixture.usher("tenant", "get", "nobody").status == 1)
            let revoked = try await fixture.usher("tenant", "revoke", "acme", "mtls", "--reason", "no bank")
            #expect(revoked.output == "acme: mtls is no longer granted; 1 hostname queued\n")
            #expect(try await fixture.usher("tenant", "revoke", "acme", "mtls", "--reason", "no bank").status == 1)
            let shown = try await fixture.usher("tenant", "get", "acme").output
            #expect(shown.contains("mtls     revoked  -      jane  bank    by "))
        }
    }

    @Test func `a weakening is queued only with approval and a reason`() async throws {
        try await CommandFixture.with { fixture in
            try await fill(fixture)
            let connection = try await TestDatabase.current.connect()
            try await connection.session { db throws(PostgresError) in
                try db.executeScript(
                    """
                    update usher.hostname set provider_id = 'id', observed_at = now(), observed = jsonb_build_object(
                        'id', 'id', 'status', 'active', 'ssl_status', 'active', 'method', 'http', 'type', 'dv',
                        'wildcard', false, 'custom_certificate', false, 'verification_errors', '[]'::jsonb,
                        'validation_errors', '[]'::jsonb,
                        'settings', jsonb_build_object('min_tls_version', '1.3', 'tls_1_3', 'on'))
                    """
                )
            }
            await connection.close()
            let plan = try await fixture.usher("plan", "--json").output
            #expect(plan.contains("weakens min_tls_version: usher apply --approve-weakening --reason WHY"))
            let without = try await fixture.usher("apply", "-", "--yes", input: plan)
            #expect(without.output.hasPrefix("nothing was queued\n"))
            for arguments in [["--approve-weakening"], ["--reason", "x"], ["--approve-weakening", "--reason", ""]] {
                #expect(try await fixture.usher(["apply", "-", "--yes"] + arguments, input: plan).status == 64)
            }
            let approving = ["apply", "-", "--yes", "--approve-weakening", "--reason", "BILL-3", "--author", "jane"]
            let applied = try await fixture.usher(approving, input: plan)
            #expect(applied.status == 0, "\(applied.errors)")
            #expect(applied.errors.contains("0 to create, 1 to change, 1 of these to become WEAKER"))
            #expect(applied.output.contains("1 of them may become weaker: approved, once each\n"))
        }
    }

    private struct Answer: Decodable {
        let override: Override?
    }

    private struct Override: Decodable {
        let author: String
        let reason: String
        let minTls: String?
    }

    private struct Explanation: Decodable {
        let override: Override?
        let settings: [Line]

        struct Line: Decodable {
            let key: String
            let origin: String
        }
    }
}
