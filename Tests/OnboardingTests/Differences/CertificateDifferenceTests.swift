import Foundation
import Onboarding
import Simulator
import TLSPolicy
import Testing

/// Generated certificates through our inspector and judge, and through OpenSSL: no disagreement unexplained.
///
/// `USHER_CERTIFICATES` sets how many (500 if not given), `USHER_SEED` which.
@Suite struct CertificateDifferenceTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["USHER_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)
    private static let count = environment["USHER_CERTIFICATES"].flatMap(Int.init) ?? 500

    /// One generated certificate, what was asked for, and both opinions.
    struct Subject {
        let recipe: CertificateRecipe
        let ours: Opinion
        var facts: OpenSSLOpinion.Facts?
        var fingerprint: String?
        var errors: Set<Int>?
    }

    @Test func `OpenSSL agrees on facts and verdicts, or the reason why not is listed`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "usher-certificates-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let subjects = try await subjects(in: folder)
        try #require(subjects.count == Self.count)

        var explained: [Explanation: Int] = [:]
        var agreed = 0
        for (name, subject) in subjects {
            let comparison = Comparison(subject)
            for problem in comparison.unexplained {
                Issue.record("seed \(Self.seed), \(name): \(problem): \(subject)")
            }
            for explanation in comparison.explanations { explained[explanation, default: 0] += 1 }
            if comparison.explanations.isEmpty, comparison.unexplained.isEmpty { agreed += 1 }
        }
        #expect(agreed > Self.count / 20, "\(agreed) agree, explained: \(explained)")
        if Self.count >= 500 {
            #expect(Set(explained.keys) == Set(Explanation.allCases), "a class that never occurs explains nothing")
        }
        if Self.count > 500 { print("\(Self.count) certificates, seed \(Self.seed): \(agreed) agreed; \(explained)") }
    }

    /// Writes each certificate to a folder of those with the same companions, and asks both.
    private func subjects(in folder: URL) async throws -> [String: Subject] {
        var random = SeededRandom(seed: Self.seed)
        let factory = try CertificateFactory()
        var subjects: [String: Subject] = [:]
        for number in 0..<Self.count {
            let recipe = CertificateRecipe(using: &random)
            let leaf = try factory.leaf(recipe, using: &random)
            let place = folder.appending(path: recipe.issuer.rawValue)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let name = "\(recipe.issuer.rawValue)-\(number).pem"
            try Data(leaf.utf8).write(to: place.appending(path: name))
            let ours = try Opinion(pem: leaf + factory.companions(recipe.issuer))
            subjects[name] = Subject(recipe: recipe, ours: ours)
        }
        for issuer in CertificateRecipe.Issuer.allCases {
            let place = folder.appending(path: issuer.rawValue)
            guard FileManager.default.fileExists(atPath: place.path()) else { continue }
            let facts = try await OpenSSLOpinion.facts(of: place)
            for (name, text) in try await OpenSSLOpinion.fingerprints(of: place) { subjects[name]?.fingerprint = text }
            let errors = try await OpenSSLOpinion.errors(
                of: place,
                root: factory.root.certificate,
                untrusted: factory.companions(issuer),
                hostname: CertificateRecipe.hostname,
                at: CertificateRecipe.now
            )
            for (name, errors) in errors {
                subjects[name]?.errors = errors
                let serial = subjects[name]?.ours.chain?.leaf.serial
                subjects[name]?.facts = serial.flatMap { facts[$0] }
            }
        }
        return subjects
    }
}
