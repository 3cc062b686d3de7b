import ArgumentParser
import Foundation
import Onboarding
import Postgres
import TLSPolicy

/// The command `usher bench plan`: a dry run over a whole fleet.
struct PlanBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "How long usher plan takes over many stored hostnames, and how much memory.",
        discussion: """
            Starts a throwaway PostgreSQL, stores hostnames of 500 tenants as the provider would show them, and plans
            them all as usher plan does, the document included. The memory is this process's peak while it plans.

            EXAMPLES:
              usher bench plan
              usher bench plan --hostnames 50000 --changed-percent 100 --json
            """
    )

    @Option(help: "Hostnames stored.") var hostnames = 50_000
    @Option(help: "Of these, how many percent differ from their policy.") var changedPercent = 4
    @Option(help: "Runs; the median is shown.") var runs = 3
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1_000_000).contains(hostnames) else { throw ValidationError("--hostnames is 1 to 1000000") }
        guard (0...100).contains(changedPercent) else { throw ValidationError("--changed-percent is 0 to 100") }
        guard (1...100).contains(runs) else { throw ValidationError("--runs is 1 to 100") }
    }

    func run() async throws {
        let report = try await BenchDatabase.with { pool in
            try await PlanFleet(hostnames: hostnames, changedPercent: changedPercent).store(in: pool)
            ProcessMemory.forgetPeak()
            var seconds: [Double] = []
            var summary = PlanSummary()
            for _ in 0..<runs {
                let start = ContinuousClock.now
                let document = try await PlanStore(pool: pool).plan(PlanSelection(), capabilities: .enterprise)
                _ = try document.pieces()
                seconds.append((ContinuousClock.now - start) / .seconds(1))
                summary = document.head.summary
            }
            return PlanBenchReport(
                hostnames: summary.selected,
                toChange: summary.change,
                unchanged: summary.unchanged,
                runs: runs,
                seconds: seconds.sorted()[seconds.count / 2],
                slowestSeconds: seconds.max() ?? 0,
                peakMemoryMib: ProcessMemory.peak_MiB ?? 0
            )
        }
        try output.output.show(report)
    }
}

/// What `usher bench plan` prints.
private struct PlanBenchReport: Report {
    let hostnames: Int
    let toChange: Int
    let unchanged: Int
    let runs: Int
    let seconds: Double
    let slowestSeconds: Double
    let peakMemoryMib: Double

    func lines(on terminal: Terminal) -> [String] {
        var facts = FactList()
        facts.add("Hostnames", "\(hostnames.grouped), \(toChange.grouped) to change, \(unchanged.grouped) unchanged")
        facts.add("Time", "\(seconds.withOneDecimal) s (median of \(runs); slowest \(slowestSeconds.withOneDecimal) s)")
        facts.add("Peak memory", "\(peakMemoryMib.withOneDecimal) MiB")
        return facts.lines(on: terminal)
    }
}

/// Hostnames as a fleet has them: most as their policy says, some with an older minimum.
private struct PlanFleet {
    let hostnames: Int
    let changedPercent: Int

    private static let tenants = 500

    func store(in pool: PostgresPool) async throws {
        let policy = TierPolicy(minimumTLS: .v1_2, ciphers: TLSProfile.pci1.ciphers, tls13: .on, http2: .on)
        _ = try await TierStore(pool: pool).apply([("gold", policy)], author: "bench", reason: "bench")
        let ciphers = TLSProfile.pci1.ciphers?.map { "\"\($0.name)\"" }.joined(separator: ",") ?? ""
        let kept = JSONText(#"{"min_tls_version":"1.2","ciphers":[\#(ciphers)],"tls_1_3":"on","http2":"on"}"#)
        try await pool.transaction { db throws(PostgresError) in
            _ = try db.execute(
                """
                select usher.set_tier('tenant-' || i, 'gold', 'bench-' || i, 1)
                from generate_series(1, \(Self.tenants)) i
                """
            )
            _ = try db.execute(
                """
                insert into usher.hostname (tenant, name, provider_id, observed, observed_at, applied_at, standing)
                select 'tenant-' || (1 + i % \(Self.tenants)), 'host-' || i || '.bench-usher.com', md5(i::text)::uuid,
                       jsonb_build_object(
                           'id', md5(i::text)::uuid, 'status', 'active', 'ssl_status', 'active', 'method', 'http',
                           'type', 'dv', 'wildcard', false, 'custom_certificate', false,
                           'serial_number', md5('serial' || i), 'verification_errors', '[]'::jsonb,
                           'validation_errors', '[]'::jsonb,
                           'settings', case when i % 100 < \(changedPercent)
                               then \(kept) || '{"min_tls_version": "1.0"}' else \(kept) end),
                       clock_timestamp(), clock_timestamp() - interval '1 hour', 'enforced'
                from generate_series(1, \(hostnames)) i
                """
            )
        }
        _ = try await pool.session { db throws(PostgresError) in try db.execute("analyze") }
    }
}
