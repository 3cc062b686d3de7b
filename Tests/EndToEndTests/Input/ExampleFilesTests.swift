import Foundation
import JobQueue
import TLSPolicy
import Testing
import usher

/// Every file of `jobs/` is one that Usher accepts, and the demo's input holds what the demo shows.
@Suite struct ExampleFilesTests {
    @Test func `no file of the folder is left unread`() throws {
        let known = ["onboarding.csv", "onboarding.jsonl", "onboarding.yaml", "schedule.yaml", "tiers.yaml"]
        #expect(try ExampleFiles.names.filter { !$0.hasPrefix(".") } == known)
    }

    @Test(arguments: ["onboarding.csv", "onboarding.jsonl", "onboarding.yaml"])
    func `a batch has no problem and names known tiers`(name: String) {
        let batch = BatchFile.read(ExampleFiles.path(name))
        let tiers = Set(TierFile.read(ExampleFiles.path("tiers.yaml")).tiers.map(\.name))
        #expect(batch.problems.isEmpty, "\(batch.problems)")
        #expect(!batch.rows.isEmpty)
        #expect(Set(batch.rows.map(\.tier)).isSubset(of: tiers))
    }

    @Test func `the schedule has no problem, and keeps tables from growing`() {
        let file = ScheduleFile.read(ExampleFiles.path("schedule.yaml"))
        #expect(file.problems.isEmpty, "\(file.problems)")
        #expect(file.entries.map(\.work) == [.retention, .sweep, .evidence(olderThanDays: 6)])
        #expect(file.entries.allSatisfy { $0.isEnabled })
    }

    @Test func `the tiers are the four the demo needs, in order`() throws {
        let file = TierFile.read(ExampleFiles.path("tiers.yaml"))
        #expect(file.problems.isEmpty, "\(file.problems)")
        #expect(file.tiers.map(\.name) == ["free", "pro", "business", "enterprise"])
        let policies = file.tiers.map(\.policy)
        #expect(policies.map(\.minimumTLS) == [nil, .v1_2, .v1_2, .v1_3])
        #expect(policies.map { $0.ciphers?.isEmpty ?? true } == [true, false, false, true])
        #expect(policies.map(\.customCertificate) == [.forbidden, .forbidden, .allowed, .allowed])
        #expect(policies.map(\.wildcard) == [.reject, .reject, .reject, .directOnly])
        #expect(policies.map(\.mutualTLS) == [false, false, false, true])
    }

    @Test func `the demo's input has twelve tenants over four tiers and every case it shows`() {
        let rows = BatchFile.read(ExampleFiles.path("onboarding.csv")).rows
        let tiersOfTenants = Dictionary(grouping: rows, by: \.tier).mapValues { Set($0.map(\.tenant)).count }
        #expect(tiersOfTenants == ["free": 3, "pro": 3, "business": 3, "enterprise": 3])
        #expect(Set(rows.map(\.hostname)).count >= 62)
        #expect(rows.allSatisfy { $0.expectation != nil })

        let counts = Dictionary(grouping: rows) { $0.expectation?.description ?? "" }.mapValues(\.count)
        #expect(counts["enforced", default: 0] >= 55)
        #expect(counts["partial"] == rows.count { $0.wish.wildcard && $0.tier == "enterprise" })
        #expect(counts["partial", default: 0] >= 3)
        #expect(Set(["waiting_tenant", "infeasible", "duplicate", "refused:UE001"]).isSubset(of: counts.keys))
        #expect(rows.contains { "\($0.hostname)".hasPrefix("xn--") })
    }

    @Test func `a name given twice ends as the file says`() {
        let rows = BatchFile.read(ExampleFiles.path("onboarding.csv")).rows
        var claims: [Hostname: String] = [:]
        for row in rows {
            let first = claims[row.hostname]
            claims[row.hostname] = first ?? row.tenant
            #expect((row.expectation == .duplicate) == (first == row.tenant), "line \(row.line)")
            #expect(
                (row.expectation == .refused(code: "UE001")) == (first != nil && first != row.tenant),
                "line \(row.line)"
            )
        }
    }

    @Test func `tenants stay within their tier's limits and rights`() {
        let rows = BatchFile.read(ExampleFiles.path("onboarding.csv")).rows
        let tiers = TierFile.read(ExampleFiles.path("tiers.yaml")).tiers
        let policies = Dictionary(uniqueKeysWithValues: tiers.map { ($0.name, $0.policy) })
        for (tenant, rows) in Dictionary(grouping: rows, by: \.tenant) {
            guard let policy = rows.first.flatMap({ policies[$0.tier] }) else { continue }
            let names = Set(rows.map(\.hostname)).count
            #expect(policy.limits.hostnames.map { names <= $0 } ?? true, "\(tenant) has \(names)")
            #expect(policy.customCertificate != .forbidden || rows.allSatisfy { !$0.wish.customCertificate })
        }
    }

    @Test func `a list a hostname asks for narrows its tier's`() {
        let rows = BatchFile.read(ExampleFiles.path("onboarding.csv")).rows
        let tiers = TierFile.read(ExampleFiles.path("tiers.yaml")).tiers
        let wishes = rows.filter { $0.wish.ciphers != nil }
        #expect(wishes.count >= 3)
        for row in wishes {
            let offered = tiers.first { $0.name == row.tier }?.policy.ciphers?.map(\.name) ?? []
            #expect(Set(row.wish.ciphers ?? []).isSubset(of: offered), "line \(row.line)")
        }
    }
}
