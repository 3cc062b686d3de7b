import Foundation
import Onboarding
import TLSPolicy

/// What is wrong with a certificate, in words both sides have.
enum CertificateFault: String, CaseIterable, Sendable {
    case names, expired, notYetValid, chain
    /// Words of the provider's, which OpenSSL does not have.
    case endsSoon, signature, key, authority
}

/// Our own opinion: the facts, and what stands against them.
struct Opinion {
    let chain: CertificateChain?
    let faults: Set<CertificateFault>

    init(pem: String) throws {
        chain = try Self.chain(pem)
        faults = try chain.map(Self.faults) ?? [.authority]
    }

    /// `nil` if every certificate is an authority's.
    private static func chain(_ pem: String) throws -> CertificateChain? {
        do {
            return try CertificateInspector.chain(fromPEM: pem)
        } catch CertificateProblem.noLeaf {
            return nil
        }
    }

    private static func faults(_ chain: CertificateChain) throws -> Set<CertificateFault> {
        let policy = TierPolicy(minimumTLS: .v1_2, customCertificate: .required)
        var leaf = chain.leaf
        leaf.chain = chain.facts
        let contradictions = judge(
            resolve(PolicyRevision(tier: "gold", revision: 1, policy: policy)),
            hostname: try Hostname(CertificateRecipe.hostname),
            certificates: [leaf],
            capabilities: .enterprise,
            now: CertificateRecipe.now
        )
        return Set(contradictions.compactMap { fault($0.kind) })
    }

    private static func fault(_ kind: Contradiction.Kind) -> CertificateFault? {
        switch kind {
        case .certificateNames: .names
        case .certificateExpired: .expired
        case .certificateNotYetValid: .notYetValid
        case .certificateEndsSoon: .endsSoon
        case .certificateSignature: .signature
        case .certificateKey: .key
        case .certificateSelfSigned, .certificateChainBroken, .certificateChainIncomplete: .chain
        default: nil
        }
    }
}

/// Why OpenSSL may be of another opinion.
enum Explanation: String, CaseIterable, Sendable {
    /// OpenSSL knows no rules of the provider: 14 days to go, SHA-256 or SHA-1, no Ed25519.
    case providersRule
    /// The provider wants a leaf (code 1445); OpenSSL verifies an authority's certificate like any other. Ours stops
    /// there, for a file without a leaf has nothing else to judge.
    case authorityAsLeaf
    /// Without a subject alternative name OpenSSL falls back on the common name, which RFC 9525 section 2 does away
    /// with; the provider wants the alternative name (code 1446).
    case commonName
    /// OpenSSL lets `s*` match a part of a label unless told not to; RFC 9525 section 6.3 wants the whole label.
    case partialWildcard
    /// OpenSSL counts the last second as over; RFC 5280 section 4.1.2.5 has the period include it.
    case lastSecond
    /// A leaf of the root itself: OpenSSL holds the root, and we hold none, so that a leaf alone has an incomplete
    /// chain to us. No public root signs leaves.
    case signedByRoot
    /// The root is not trusted: to know that takes a list of trusted roots, which is the provider's (code 1441).
    case untrustedRoot
    /// `openssl verify` ends at the first fault of most kinds; we name all.
    case endsAtFirst
}

/// Both opinions of one certificate side by side.
struct Comparison {
    private(set) var explanations: Set<Explanation> = []
    private(set) var unexplained: [String] = []

    init(_ subject: CertificateDifferenceTests.Subject) {
        guard let errors = subject.errors else {
            unexplained = ["OpenSSL said nothing"]
            return
        }
        if let leaf = subject.ours.chain?.leaf, let difference = Self.difference(leaf, subject) {
            unexplained.append(difference)
        }
        var theirs: Set<CertificateFault> = []
        for error in errors {
            guard let fault = Self.fault(error) else {
                unexplained.append("OpenSSL's error \(error)")
                continue
            }
            theirs.insert(fault)
        }
        for fault in subject.ours.faults.symmetricDifference(theirs) {
            explain(fault, isOurs: subject.ours.faults.contains(fault), subject.ours.faults, theirs, subject.recipe)
        }
    }

    private mutating func explain(
        _ fault: CertificateFault,
        isOurs: Bool,
        _ ours: Set<CertificateFault>,
        _ theirs: Set<CertificateFault>,
        _ recipe: CertificateRecipe
    ) {
        let explanation =
            isOurs
            ? Self.explanation(onlyOurs: fault, theirs, recipe) : Self.explanation(onlyTheirs: fault, ours, recipe)
        if let explanation {
            explanations.insert(explanation)
        } else {
            unexplained.append("\(fault) is \(isOurs ? "ours" : "OpenSSL's") alone")
        }
    }

    private static func explanation(
        onlyOurs fault: CertificateFault,
        _ theirs: Set<CertificateFault>,
        _ recipe: CertificateRecipe
    ) -> Explanation? {
        switch fault {
        case .endsSoon, .signature, .key: return .providersRule
        case .authority: return .authorityAsLeaf
        case .names where recipe.names == .commonNameOnly: return .commonName
        case .names where recipe.names == .partialWildcard: return .partialWildcard
        case .chain where recipe.issuer == .root: return .signedByRoot
        case .names, .expired, .notYetValid, .chain: return theirs.isEmpty ? nil : .endsAtFirst
        }
    }

    private static func explanation(
        onlyTheirs fault: CertificateFault,
        _ ours: Set<CertificateFault>,
        _ recipe: CertificateRecipe
    ) -> Explanation? {
        if ours.contains(.authority) { return .authorityAsLeaf }
        switch fault {
        case .expired where recipe.validity == .lastSecond: return .lastSecond
        case .chain where recipe.issuer == .stranger: return .untrustedRoot
        default: return nil
        }
    }

    /// OpenSSL's verification errors (x509_vfy.h).
    private static func fault(_ error: Int) -> CertificateFault? {
        switch error {
        case 9: .notYetValid
        case 10: .expired
        case 62: .names
        // No issuer found, signature wrong, signed by itself.
        case 2, 7, 18, 19, 20, 21: .chain
        default: nil
        }
    }

    private static func difference(
        _ leaf: CertificateFacts,
        _ subject: CertificateDifferenceTests.Subject
    ) -> String? {
        if let theirs = subject.fingerprint, theirs != leaf.fingerprint { return "fingerprint \(theirs)" }
        let ours = OpenSSLOpinion.Facts(leaf)
        var theirs = subject.facts
        // OpenSSL escapes what is not to be printed.
        if ours.names.contains(where: { $0.contains("\u{0}") }) { theirs?.names = ours.names }
        return ours == theirs ? nil : "\(ours), not \(String(describing: theirs))"
    }
}

extension OpenSSLOpinion.Facts {
    /// Our facts, printed as OpenSSL does.
    init(_ facts: CertificateFacts) {
        serial = facts.serial
        notBefore = Self.date(facts.notBefore)
        notAfter = Self.date(facts.notAfter)
        names = facts.names
        isAuthority = facts.isAuthority
        keyBits =
            switch facts.key {
            case .rsa(let bits), .ecdsa(let bits): bits
            case .other: nil
            }
        signature = Self.signatures[facts.signature.description] ?? facts.signature.description
    }

    /// As in `Nov  8 11:06:40 2026 GMT`.
    private static func date(_ seconds: Int64) -> String {
        let iso = Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
        guard let match = iso.wholeMatch(of: /(\d+)-(\d+)-(\d+)T(.+)Z/), let month = Int(match.2),
            let day = Int(match.3)
        else { return iso }
        return "\(months[month - 1]) \(day < 10 ? " " : "")\(day) \(match.4) \(match.1) GMT"
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static let signatures = [
        "SHA-1 with RSA": "sha1WithRSAEncryption",
        "SHA-256 with RSA": "sha256WithRSAEncryption",
        "SHA-384 with RSA": "sha384WithRSAEncryption",
        "SHA-512 with RSA": "sha512WithRSAEncryption",
        "ECDSA with SHA-256": "ecdsa-with-SHA256",
        "ECDSA with SHA-384": "ecdsa-with-SHA384",
        "ECDSA with SHA-512": "ecdsa-with-SHA512",
        "Ed25519": "ED25519",
    ]
}
