import TestSupport
import Testing

@Suite(.database)
struct EnqueueCommandTests {
    private static let header = "tenant,tier,hostname,min_tls\n"

    /// 10,000 rows, of which 7 break a rule each; answers their lines too.
    private static func largeFile() -> (text: String, badLines: [Int]) {
        let bad = [
            12: "acme,pro,bad..name.com,", 3_000: "acme,pro,www.shop.com,1.4", 3_001: "Acme!,pro,x.shop.com,",
            5_555: "acme,pro,-a.shop.com,", 7_000: "acme,pro,192.0.2.1,", 9_999: "acme,gold,y.shop.com,",
            10_001: "acme,pro,,",
        ]
        let lines = (2...10_001).map { line in bad[line] ?? "acme,pro,h\(line).shop.com,1.2" }
        return (header + lines.joined(separator: "\n") + "\n", bad.keys.sorted())
    }

    @Test func `seven bad rows of ten thousand are each reported and nothing is queued`() async throws {
        try await CommandFixture.with { fixture in
            let (text, badLines) = Self.largeFile()
            let path = try fixture.folder.file("large.csv", text)
            let run = try await fixture.usher("enqueue", path)
            #expect(run.status == 65)
            for line in badLines {
                #expect(run.errorLines.contains { $0.hasPrefix("\(path):\(line):") }, "line \(line)")
            }
            #expect(run.errors.contains(#"hostname "bad..name.com""#))
            #expect(run.errorLines.suffix(2).first == "usher: \(path) has 7 problems; nothing was queued")
            let jobs = try await fixture.usher("job", "list", "--json").document(as: Document.Jobs.self)
            #expect(jobs.jobs.isEmpty)
            let tenants = try await fixture.usher("tier", "list")
            #expect(tenants.output.split(separator: "\n").last?.hasSuffix(" 0") == true)
        }
    }

    @Test func `with --partial the other rows are queued`() async throws {
        try await CommandFixture.with { fixture in
            let path = try fixture.folder.file("large.csv", Self.largeFile().text)
            let run = try await fixture.usher("enqueue", path, "--partial", "--json")
            #expect(run.status == 3)
            let answer = try run.document(as: Document.Enqueue.self)
            #expect(answer.accepted == 9_993)
            #expect(answer.created == 9_993)
            #expect(answer.problemCount == 7)
            #expect(answer.problems.map(\.line) == [12, 3_000, 3_001, 5_555, 7_000, 9_999, 10_001])
        }
    }

    @Test func `what only the database can refuse is reported by its line too`() async throws {
        try await CommandFixture.with { fixture in
            let rows = """
                acme,pro,www.shop.com,
                beta,free,WWW.shop.com.,
                beta,free,a.beta.com,
                beta,free,b.beta.com,
                beta,free,c.beta.com,
                gamma,gold,www.gamma.com,
                """
            let path = try fixture.folder.file("rows.csv", Self.header + rows)
            let refused = try await fixture.usher("enqueue", path, "--json")
            #expect(refused.status == 65)
            let problems = try refused.document(as: Document.Enqueue.self)
            #expect(problems.batchId == nil)
            #expect(problems.problems.map(\.line) == [3, 6, 7])
            #expect(problems.problems.map(\.code) == ["UE001", "53400", "UE021"])
            #expect(problems.problems.map(\.value) == ["www.shop.com", "c.beta.com", "gold"])

            let partial = try await fixture.usher("enqueue", path, "--partial", "--json")
            #expect(partial.status == 3)
            #expect(try partial.document(as: Document.Enqueue.self).accepted == 3)
        }
    }

    @Test func `rows come from standard input and an upper-case repetition is one job`() async throws {
        try await CommandFixture.with { fixture in
            let rows = "acme,pro,www.shop.com,\nacme,pro,WWW.SHOP.COM,\n"
            let run = try await fixture.usher("enqueue", "-", "--format", "csv", "--json", input: Self.header + rows)
            #expect(run.status == 0, "\(run.errors)")
            let answer = try run.document(as: Document.Enqueue.self)
            #expect(answer.accepted == 2)
            #expect(answer.created == 1)
        }
    }

    @Test func `one hostname is queued for a tenant that is known and for no other`() async throws {
        try await CommandFixture.with { fixture in
            let one = ["enqueue", "--tenant", "acme", "--hostname", "www.shop.com"]
            let unknown = try await fixture.usher(one)
            #expect(unknown.status == 65)
            #expect(unknown.errors.hasPrefix("usher: unknown tenant (UE024)\n  hint: "))
            _ = try await fixture.usher("tenant", "set-tier", "acme", "pro", "--event", "e1", "--version", "1")
            let known = try await fixture.usher(one + ["--min-tls", "1.3"])
            #expect(known.status == 0)
            #expect(known.output.hasSuffix("queued\n"))
        }
    }

    @Test func `a file and a hostname at once are a wrong command line`() async throws {
        let run = try await UsherProcess.run(["enqueue", "x.csv", "--tenant", "acme"])
        #expect(run.status == 64)
        #expect(run.errorLines.first == "usher: give a file, or both --tenant and --hostname")
    }
}
