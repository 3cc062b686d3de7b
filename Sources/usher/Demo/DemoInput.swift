import Foundation
import Onboarding
import TLSPolicy

/// What the demo onboards: the project's own example files, and made-up hostnames beyond them.
struct DemoInput: Sendable {
    let tiers: [TierFile.Tier]
    /// Onboarded while the provider behaves.
    let clean: [OnboardingRow]
    /// Onboarded while it does not.
    let troubled: [OnboardingRow]

    /// Reads `jobs/tiers.yaml` and `jobs/onboarding.csv`.
    ///
    /// The last quarter of the file's tenants, and everything made up, comes in the troubled half.
    init(hostnames: Int?, seed: UInt64) throws(Failure) {
        let tierFile = TierFile.read(Self.path("tiers.yaml"))
        guard tierFile.problems.isEmpty else { throw Failure(tierFile.problems, "the demo's tiers cannot be read") }
        let batch = BatchFile.read(Self.path("onboarding.csv"))
        guard batch.problems.isEmpty else { throw Failure(batch.problems, "the demo's hostnames cannot be read") }
        tiers = tierFile.tiers
        var seen: Set<String> = []
        let tenants = batch.rows.map(\.tenant).filter { seen.insert($0).inserted }
        let late = Set(tenants.suffix(tenants.count / 4))
        clean = batch.rows.filter { !late.contains($0.tenant) }
        let wanted = max(0, (hostnames ?? 0) - batch.rows.count)
        troubled = batch.rows.filter { late.contains($0.tenant) } + Self.madeUp(wanted)
    }

    var rows: [OnboardingRow] { clean + troubled }

    /// Tenants of 50 hostnames each, on the tiers without a small quota.
    private static func madeUp(_ count: Int) -> [OnboardingRow] {
        (0..<count).compactMap { number in
            let tenant = "crowd-\(number / 50)"
            guard let hostname = try? Hostname("h\(number).\(tenant)-usher.com") else { return nil }
            return OnboardingRow(
                tenant: tenant,
                tier: ["business", "enterprise"][(number / 50) % 2],
                hostname: hostname,
                wish: HostnameWish(),
                priority: 0,
                expectation: .enforced,
                line: 0
            )
        }
    }

    /// `./jobs/NAME` if it is there, else beside the sources this program was built from.
    static func path(_ name: String) -> String {
        if FileManager.default.fileExists(atPath: "jobs/\(name)") { return "jobs/\(name)" }
        var folder = URL(filePath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appending(path: "jobs/\(name)").path
    }
}
