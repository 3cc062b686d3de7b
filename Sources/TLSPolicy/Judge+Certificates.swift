/// A tenant's own certificates against the name, the clock, and what the provider takes.
///
/// Sources: the provider's pages on custom certificates, uploading, and status codes.
struct CertificateJudgement {
    let effective: EffectivePolicy
    let hostname: Hostname
    let leaves: [CertificateFacts]
    let capabilities: ProviderCapabilities
    let now: Int64

    /// Days that must be left; the provider takes no certificate that ends within 14, whatever the tier says.
    private var minimumDays: Int { effective.revision.policy.requiredCertificateDays }

    var contradictions: [Contradiction] {
        guard effective.servesCustomCertificate else { return [] }
        return plan + presence
            + leaves.flatMap { leaf in
                names(leaf) + validity(leaf) + algorithms(leaf) + chain(of: leaf)
            }
    }

    private var plan: [Contradiction] {
        if capabilities.customCertificates { return [] }
        return [
            Contradiction(
                kind: .customCertificateNotInPlan,
                left: "the hostname serves the tenant's own certificate (\(effective.certificate.origin))",
                right: "the provider's plan \(capabilities.plan) takes none",
                remedy: "have the plan changed, or use the provider's certificate",
                actor: .operator
            )
        ]
    }

    private var presence: [Contradiction] {
        if leaves.isEmpty {
            return [
                Contradiction(
                    kind: .certificateMissing,
                    left: "the hostname serves the tenant's own certificate (\(effective.certificate.origin))",
                    right: "none is stored for \(hostname)",
                    remedy: "upload the certificate and its key",
                    actor: .tenant
                )
            ]
        }
        let kinds = leaves.map(\.key.authentication)
        guard Set(kinds).count < kinds.count else { return [] }
        let keys = leaves.map(\.key.description).joined(separator: "; ")
        return [
            Contradiction(
                kind: .certificatePair,
                left: "\(leaves.count) certificates are stored for \(hostname) (\(keys))",
                right: "the provider takes one with an RSA key and one with an ECDSA key",
                remedy: "keep one of each kind",
                actor: .tenant
            )
        ]
    }

    private func chain(of leaf: CertificateFacts) -> [Contradiction] {
        leaf.chain.map { ChainJudgement(chain: $0, title: leaf.title).contradictions } ?? []
    }

    private func names(_ leaf: CertificateFacts) -> [Contradiction] {
        var wanted = [hostname.ascii]
        if effective.isWildcard { wanted.append("*." + hostname.ascii) }
        let missing = wanted.filter { !leaf.covers($0) }
        guard !missing.isEmpty else { return [] }
        let right = "\(leaf.title) is for \(leaf.names.isEmpty ? "no name" : leaf.names.joined(separator: ", "))"
        let remedy = "bring a certificate with \(missing.joined(separator: " and ")) in its subject alternative names"
        return [
            contradiction(.certificateNames, "the hostname is \(wanted.joined(separator: " and "))", right, remedy)
        ]
    }

    private func validity(_ leaf: CertificateFacts) -> [Contradiction] {
        let remedy = "bring a certificate that is valid now and for \(minimumDays) days at least"
        if now < leaf.notBefore {
            let right = "\(leaf.title) is not valid for another \(Self.duration(from: now, to: leaf.notBefore))"
            return [contradiction(.certificateNotYetValid, "the certificate is needed now", right, remedy)]
        }
        if now > leaf.notAfter {
            let right = "\(leaf.title) ended \(Self.duration(from: leaf.notAfter, to: now)) ago"
            return [contradiction(.certificateExpired, "the certificate is needed now", right, remedy)]
        }
        let (limit, overflow) = now.addingReportingOverflow(Int64(minimumDays) * 86_400)
        guard overflow || leaf.notAfter < limit else { return [] }
        let right = "\(leaf.title) ends in \(Self.duration(from: now, to: leaf.notAfter))"
        let left = "\(minimumDays) days of validity must be left"
        return [contradiction(.certificateEndsSoon, left, right, remedy)]
    }

    private func algorithms(_ leaf: CertificateFacts) -> [Contradiction] {
        var contradictions: [Contradiction] = []
        if case .other(let name) = leaf.signature {
            let left = "the provider takes signatures of SHA-256 with RSA or ECDSA, and SHA-1 with RSA"
            let remedy = "have the certificate signed with SHA-256"
            contradictions.append(contradiction(.certificateSignature, left, "\(leaf.title) has \(name)", remedy))
        }
        if !leaf.key.isLargeEnough {
            let left = "the provider takes RSA keys of 2048 bits and ECDSA keys of 225 bits or more"
            let remedy = "have the certificate issued for RSA of 2048 bits or ECDSA on P-256"
            contradictions.append(
                contradiction(.certificateKey, left, "\(leaf.title) has a key of \(leaf.key)", remedy)
            )
        }
        if leaf.isAuthority {
            let remedy = "bring the certificate issued for the hostname, not its issuer's"
            contradictions.append(
                contradiction(.certificateIsAuthority, "a leaf is needed", "\(leaf.title) is an authority's", remedy)
            )
        }
        return contradictions
    }

    private func contradiction(
        _ kind: Contradiction.Kind,
        _ left: String,
        _ right: String,
        _ remedy: String
    ) -> Contradiction {
        Contradiction(kind: kind, left: left, right: right, remedy: remedy, actor: .tenant)
    }

    /// Whole days, or seconds below one day.
    private static func duration(from start: Int64, to end: Int64) -> String {
        let (seconds, overflow) = end.subtractingReportingOverflow(start)
        if overflow { return "ages" }
        return seconds >= 86_400 ? "\(seconds / 86_400) days" : "\(seconds) seconds"
    }
}

extension CertificateKey {
    /// Whether the provider takes a key of this size.
    fileprivate var isLargeEnough: Bool {
        switch self {
        case .rsa(let bits): bits >= 2048
        case .ecdsa(let bits): bits >= 225
        case .other: false
        }
    }
}

extension CertificateFacts {
    /// The certificate in messages.
    var title: String { "the certificate with serial \(serial)" }

    /// Whether a name, or a wildcard `*.name`, is among the subject alternative names.
    ///
    /// A wildcard stands for the whole of exactly one label, the left-most (RFC 9525 section 6.3).
    package func covers(_ name: String) -> Bool {
        let parent = name.firstIndex(of: ".").map { name[$0...] }
        return names.contains { entry in
            if entry == name { return true }
            guard let parent, !name.hasPrefix("*."), entry.hasPrefix("*.") else { return false }
            return entry.dropFirst() == parent
        }
    }
}
