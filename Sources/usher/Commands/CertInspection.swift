import Foundation
import Onboarding
import TLSPolicy

/// One certificate file as far as it could be read.
struct InspectedFile {
    let path: String
    let chain: CertificateChain?
    let problem: CertificateProblem?
    /// What came with the leaf, and of its key if one was compared.
    var facts: ChainFacts?

    init(_ path: String, _ bytes: [UInt8]) {
        self.path = path
        do throws(CertificateProblem) {
            let chain = try CertificateInspector.chain(fromPEM: Self.pem(bytes))
            self.chain = chain
            facts = chain.facts
            problem = nil
        } catch {
            chain = nil
            problem = error
        }
    }

    /// The leaf with what came with it.
    var leaf: CertificateFacts? {
        var leaf = chain?.leaf
        leaf?.chain = facts
        return leaf
    }

    /// A file that begins as DER does is one certificate in DER.
    private static func pem(_ bytes: [UInt8]) -> String {
        guard bytes.starts(with: [0x30, 0x82]) else { return String(decoding: bytes, as: UTF8.self) }
        return "-----BEGIN CERTIFICATE-----\n\(Data(bytes).base64EncodedString())\n-----END CERTIFICATE-----\n"
    }
}

/// The certificates of some files against a tier and the provider's rules.
struct CertInspection {
    let files: [InspectedFile]
    /// `nil` if no tier was named: the provider's rules alone.
    let revision: PolicyRevision?
    /// The name judged; `nil` if none was given and no certificate has one.
    let hostname: Hostname?
    let now: Int64
    /// What stands against serving the certificates.
    let contradictions: [Contradiction]
    /// What is out of order in the files and put right by `usher cert put`.
    let cured: [Contradiction]

    init(files: [InspectedFile], revision: PolicyRevision?, hostname: Hostname?, now: Int64) {
        self.files = files
        self.revision = revision
        self.now = now
        let leaves = files.compactMap(\.leaf)
        let name = hostname ?? Self.firstName(of: leaves)
        self.hostname = name
        guard let name, !leaves.isEmpty else {
            (contradictions, cured) = ([], [])
            return
        }
        // The zone of a tier's own width: what a real one leaves open is judged when the hostname is.
        let revision = revision ?? PolicyRevision(tier: "provider", revision: 0, policy: Self.providersRules)
        let zone = ZoneSettings(minimumTLS: revision.policy.minimumTLS ?? .v1_2)
        let effective = resolve(revision, wish: HostnameWish(customCertificate: true), zone: zone)
        func found(_ leaves: [CertificateFacts]) -> [Contradiction] {
            judge(effective, hostname: name, certificates: leaves, capabilities: .enterprise, now: now)
        }
        let remaining = found(leaves.map(\.normalised))
        contradictions = remaining
        cured = found(leaves).filter { !remaining.contains($0) }
    }

    /// How the command ends if something stands against the certificates.
    var failure: Failure? {
        let count = files.count { $0.problem != nil } + contradictions.count
        if count > 0 { return Failure("\(counted(count, "problem")) with the certificates", status: .badData) }
        guard hostname == nil else { return nil }
        return Failure(
            "no certificate names a hostname",
            hint: "have it issued with the hostname in its subject alternative names",
            status: .badData
        )
    }

    private static let providersRules = TierPolicy(customCertificate: .allowed)

    /// The first name, or a name that the first wildcard covers.
    private static func firstName(of leaves: [CertificateFacts]) -> Hostname? {
        let names = leaves.flatMap(\.names)
        return names.lazy.compactMap { try? Hostname($0) }.first
            ?? names.lazy.filter { $0.hasPrefix("*.") }.compactMap { try? Hostname("www" + $0.dropFirst()) }.first
    }
}
