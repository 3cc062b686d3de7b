/// What the edge negotiates against itself and against the keys it has.
struct EdgeJudgement {
    let effective: EffectivePolicy
    /// Empty for certificates of the provider, which has both kinds of key.
    let leaves: [CertificateFacts]

    var contradictions: [Contradiction] {
        let minimum = effective.effectiveMinimumTLS
        guard minimum < .v1_3 else {
            return effective.effectiveTLS13 == .off ? [tls13Off] : []
        }
        let unserved = leaves.filter { !serves($0, from: minimum) }
        let served = leaves.filter { serves($0, from: minimum) }
        return unserved.map(noSuite) + gap(from: minimum, keys: Set(served.compactMap(\.key.authentication)))
    }

    /// Whether a handshake of TLS 1.2 or below can use this certificate; keys of other kinds are refused elsewhere.
    private func serves(_ leaf: CertificateFacts, from minimum: TLSVersion) -> Bool {
        guard let authentication = leaf.key.authentication else { return true }
        return effective.offeredSuites.contains { suite in
            suite.authentication == authentication && Self.versions(from: minimum).contains(where: suite.isUsable)
        }
    }

    /// The versions at which the list decides.
    private static func versions(from minimum: TLSVersion) -> [TLSVersion] {
        TLSVersion.allCases.filter { minimum <= $0 && $0 <= .v1_2 }
    }

    /// Versions that are allowed and at which nobody can connect.
    ///
    /// - Parameter keys: The kinds of key that some suite can use; a certificate without a suite is named on its own.
    ///   If empty, any key counts.
    private func gap(from minimum: TLSVersion, keys: Set<CipherSuite.Authentication>) -> [Contradiction] {
        let suites = effective.offeredSuites.filter { keys.isEmpty || keys.contains($0.authentication) }
        let missing = Self.versions(from: minimum).filter { version in
            !suites.contains { $0.isUsable(at: version) }
        }
        guard !missing.isEmpty else { return [] }
        let names = missing.map(\.rawValue).joined(separator: ", ")
        let certificate = keys.isEmpty ? "" : " with the certificate's key"
        return [
            Contradiction(
                kind: .noSuiteAtVersion,
                left: "TLS \(minimum) and above is allowed (\(effective.minimumTLS.origin))",
                right: "no cipher suite of the list (\(effective.ciphers.origin)) works at TLS \(names)\(certificate)",
                remedy: "raise the minimum, or add a suite for TLS \(names)",
                actor: actor
            )
        ]
    }

    private func noSuite(for leaf: CertificateFacts) -> Contradiction {
        Contradiction(
            kind: .noSuiteForKey,
            left: "the list (\(effective.ciphers.origin)) is \(CipherSuite.text(effective.offeredSuites))",
            right: "\(leaf.title) has a key of \(leaf.key), which none of its suites can use",
            remedy: "add a suite for that kind of key, or bring a certificate of the other kind",
            actor: actor
        )
    }

    private var tls13Off: Contradiction {
        Contradiction(
            kind: .tls13OffWithMinimum13,
            left: "the minimum is TLS 1.3 (\(effective.minimumTLS.origin))",
            right: "TLS 1.3 is off (\(effective.tls13.origin))",
            remedy: "turn TLS 1.3 on, or lower the minimum",
            actor: effective.minimumTLS.origin == .hostname && !effective.tls13.origin.isOverride ? .tenant : .operator
        )
    }

    /// Who overrides the hostname, if that is a side; the tenant where its wish or its certificate is, else who writes
    /// the policy.
    private var actor: PolicyActor {
        if effective.ciphers.origin.isOverride || effective.minimumTLS.origin.isOverride { return .operator }
        let isWish = effective.ciphers.origin == .hostname || effective.minimumTLS.origin == .hostname
        return isWish || !leaves.isEmpty ? .tenant : .operator
    }
}

extension CertificateKey {
    /// The kind of cipher suite that can use the key.
    package var authentication: CipherSuite.Authentication? {
        switch self {
        case .rsa: .rsa
        case .ecdsa: .ecdsa
        case .other: nil
        }
    }
}

extension CertificateKey: CustomStringConvertible {
    package var description: String {
        switch self {
        case .rsa(let bits): "RSA, \(bits) bits"
        case .ecdsa(let bits): "ECDSA, \(bits) bits"
        case .other(let name): name
        }
    }
}
