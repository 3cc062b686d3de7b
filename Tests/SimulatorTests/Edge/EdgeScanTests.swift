import Foundation
import Simulator
import TestSupport
import Testing

/// A scanner nobody here wrote (sslyze) against the edge: exactly the versions and suites that the policy allows.
///
/// `USHER_SCAN=40 swift test --filter EdgeScan` scans at least so many hostnames instead of the sample.
@Suite(.timeLimit(.minutes(30))) struct EdgeScanTests {
    private static let wanted = ProcessInfo.processInfo.environment["USHER_SCAN"].flatMap(Int.init)

    private static let cases: [ScanCase] = {
        guard let wanted else { return ScanCase.sample }
        // The sample first, so that any number covers every profile.
        let rest = ScanCase.all.filter { item in !ScanCase.sample.contains { $0.scanned == item.scanned } }
        return Array((ScanCase.sample + rest).prefix(wanted))
    }()

    @Test func `a scanner finds exactly what each policy allows`() async throws {
        try await EdgeWorld.run { (world) async throws in
            let authority = try CertificateAuthority(start: .realNow)
            for item in Self.cases { _ = try await world.create(item.hostname, try item.ssl(authority)) }
            world.server.clock.step(seconds: 120)
            let run = try await PythonScript("scan_edge.py")
                .run([String(world.port)] + Self.cases.map(\.scanned))
            #expect(run.status == 0, "\(run.errors)")
            let report = APIValue(parsing: run.output) ?? .null
            for item in Self.cases {
                let found = (report[item.scanned]?.object ?? [:]).mapValues { Set($0.strings ?? []) }
                let versions = Set(found.keys).union(item.expected.keys)
                for version in versions.sorted() {
                    let (found, expected) = (found[version] ?? [], item.expected[version] ?? [])
                    #expect(found.subtracting(expected).sorted() == [], "\(item.scanned) takes at \(version)")
                    #expect(expected.subtracting(found).sorted() == [], "\(item.scanned) refuses at \(version)")
                }
            }
            #expect(Self.cases.count >= Self.wanted ?? 10, "there are \(ScanCase.all.count) to scan")
        }
    }

    @Test func `the sample holds every profile and every kind of certificate`() {
        #expect(ScanCase.sample.count == 11)
        #expect(ScanCase.all.count >= 40)
        #expect(Set(ScanCase.sample.map(\.certificate)).count == ScanCase.Certificate.allCases.count)
    }
}
