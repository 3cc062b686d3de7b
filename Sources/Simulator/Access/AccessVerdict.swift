/// Whether Access lets a request through to a hostname, and why.
enum AccessVerdict: Hashable, Sendable {
    /// No application protects the hostname.
    case unprotected
    case admitted(policy: String)
    case noCertificate
    /// None of the hostname's authorities vouches for what was shown.
    case foreignCertificate
    /// No policy means whoever this is.
    case unmatched(commonName: String)
    case denied(policy: String)

    var isAdmitted: Bool {
        switch self {
        case .unprotected, .admitted: true
        case .noCertificate, .foreignCertificate, .unmatched, .denied: false
        }
    }
}

extension AccessVerdict: CustomStringConvertible {
    var description: String {
        switch self {
        case .unprotected: "not protected"
        case .admitted(let policy): "admitted by policy \(policy)"
        case .noCertificate: "forbidden: no client certificate was shown"
        case .foreignCertificate: "forbidden: no authority of this hostname vouches for the client certificate"
        case .unmatched(let name): "forbidden: no policy admits the client certificate of \(name)"
        case .denied(let policy): "forbidden by policy \(policy)"
        }
    }
}

extension AccessDirectory {
    /// Whether the edge asks clients of this server name for a certificate.
    func asksForCertificate(_ serverName: String, now: VirtualInstant) -> Bool {
        certificates.contains { $0.associations(now: now).contains(serverName) }
    }

    /// Judges a client that showed these certificates to the edge.
    func verdict(on chain: ClientChain, for serverName: String, now: VirtualInstant) -> AccessVerdict {
        guard let application = applications.first(where: { $0.domains.contains(serverName) }) else {
            return .unprotected
        }
        let authorities = certificates.filter { $0.associations(now: now).contains(serverName) }
        let isTrusted = chain.leads(to: authorities, now: now)
        for policy in application.policies {
            let means = policy.include.contains { rule in
                switch rule {
                case .everyone: true
                case .certificate: isTrusted
                case .commonName(let name): isTrusted && chain.commonName == name
                case .identity: false
                }
            }
            guard means else { continue }
            switch policy.decision {
            case .nonIdentity, .bypass: return .admitted(policy: policy.name)
            // To allow is to ask for an identity first, which nobody has here.
            case .deny, .allow: return .denied(policy: policy.name)
            }
        }
        if chain.isEmpty { return .noCertificate }
        return isTrusted ? .unmatched(commonName: chain.commonName ?? "nobody") : .foreignCertificate
    }
}
