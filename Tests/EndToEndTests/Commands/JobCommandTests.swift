import TestSupport
import Testing

@Suite(.database)
struct JobCommandTests {
    private func enqueue(_ hostnames: [String], _ fixture: CommandFixture) async throws {
        let rows = hostnames.map { "acme,pro,\($0)" }
        let file = (["tenant,tier,hostname"] + rows).joined(separator: "\n")
        let run = try await fixture.usher("enqueue", "-", "--format", "csv", input: file)
        try #require(run.status == 0, "\(run.errors)")
    }

    private func jobs(_ fixture: CommandFixture, _ state: String) async throws -> [Document.Jobs.Job] {
        try await fixture.usher("job", "list", "--state", state, "--json").document(as: Document.Jobs.self).jobs
    }

    @Test func `a list shows the newest first, and only the state asked for`() async throws {
        try await CommandFixture.with { fixture in
            try await enqueue(["a.shop.com", "b.shop.com"], fixture)
            #expect(try await jobs(fixture, "ready").map(\.hostname) == ["b.shop.com", "a.shop.com"])
            #expect(try await jobs(fixture, "ready").map(\.tier) == ["pro", "pro"])
            #expect(try await jobs(fixture, "failed").isEmpty)
        }
    }

    @Test func `a cancelled job is replayed once, and counted before`() async throws {
        try await CommandFixture.with { fixture in
            try await enqueue(["a.shop.com", "b.shop.com"], fixture)
            let job = try #require(try await jobs(fixture, "ready").first)
            let cancelled = try await fixture.usher("job", "cancel", "\(job.jobId)", "--reason", "test")
            #expect(cancelled.output == "job \(job.jobId) cancelled\n")

            let replay = ["replay", "--state", "cancelled", "--reason", "test"]
            let preview = try await fixture.usher(replay + ["--dry-run"])
            #expect(preview.output == "would replay 1 job\n")
            for expected in [1, 0] {
                let run = try await fixture.usher(replay + ["--json"])
                #expect(try run.document(as: Document.Replay.self).replayed == expected)
            }
            #expect(try await jobs(fixture, "ready").count == 2)
        }
    }

    @Test func `waiting for a job ends with 75 when the time is over and 1 when it was cancelled`() async throws {
        try await CommandFixture.with { fixture in
            try await enqueue(["a.shop.com"], fixture)
            let job = "\(try #require(try await jobs(fixture, "ready").first).jobId)"
            let late = try await fixture.usher("job", "wait", job, "--timeout", "0s")
            #expect(late.status == 75)
            #expect(late.errors.hasPrefix("usher: job \(job) has not ended: ready\n"))
            _ = try await fixture.usher("job", "cancel", job, "--reason", "test")
            #expect(try await fixture.usher("job", "wait", job).status == 1)
        }
    }

    @Test func `a job that does not exist is one clear line`() async throws {
        try await CommandFixture.with { fixture in
            let run = try await fixture.usher("job", "get", "4711")
            #expect(run.status == 1)
            #expect(run.errors == "usher: no such job (UE040)\n  hint: see usher job list\n")
        }
    }

    @Test func `a batch without workers is waited for in vain, with its progress on standard error`() async throws {
        try await CommandFixture.with { fixture in
            try await enqueue(["a.shop.com", "b.shop.com"], fixture)
            let run = try await fixture.usher("batch", "wait", "1", "--timeout", "0s")
            #expect(run.status == 75)
            #expect(run.errorLines.first == "batch 1: 0 of 2 (0 %) · ready 2")
        }
    }

    @Test func `a hostname is shown and explained in any spelling`() async throws {
        try await CommandFixture.with { fixture in
            try await enqueue(["a.shop.com"], fixture)
            let shown = try await fixture.usher("hostname", "get", "A.Shop.COM.")
            #expect(shown.output.contains("tenant:       acme on pro@1\n"))
            let explained = try await fixture.usher("hostname", "explain", "A.Shop.COM.")
            #expect(explained.output.contains("min_tls_version  1.2\n"))
            #expect(explained.output.hasSuffix("Nothing contradicts it.\n"))
        }
    }
}
