package import Onboarding

extension Settings {
    /// Where hostnames' edges are, and whether handshakes with them must show what is called enforced.
    package struct Edge: Hashable, Sendable {
        /// Asked for every name; `nil` asks where each name's DNS says.
        package var address: EdgeAddress?
        package var allowsPrivate: Bool
        package var isProofNeeded: Bool

        /// The value of `edge.proof` that turns proof off.
        static let noProof = "none"
        static let handshakeProof = "handshake"
        static let allow = "allow"

        init(_ value: (Setting) -> String?) throws(Failure) {
            if let text = value(.edgeAddress) {
                guard let read = EdgeAddress(text) else {
                    throw Self.failure(.edgeAddress, text, "a host, or host:port such as 192.0.2.1:443")
                }
                address = read
            }
            let places = try Self.word(value, .edgePrivateAddresses, ["refuse", Self.allow])
            let proof = try Self.word(value, .edgeProof, [Self.handshakeProof, Self.noProof])
            allowsPrivate = places == Self.allow
            isProofNeeded = proof != Self.noProof
        }

        private static func word(
            _ value: (Setting) -> String?,
            _ setting: Setting,
            _ words: [String]
        ) throws(Failure) -> String? {
            guard let text = value(setting) else { return nil }
            guard words.contains(text) else { throw failure(setting, text, words.joined(separator: " or ")) }
            return text
        }

        private static func failure(_ setting: Setting, _ text: String, _ rule: String) -> Failure {
            Failure(
                "\(setting.environmentName) is \"\(InputProblem.shown(text))\"",
                hint: "it is \(rule)",
                status: .badConfiguration
            )
        }
    }
}

extension Settings.Edge {
    /// How hostnames are proved.
    ///
    /// - Parameter timeScale: Provider seconds in one of ours: an edge of a fast provider is asked as much faster.
    package func proving(timeScale: Double = 1) -> Proving {
        isProofNeeded ? .byHandshake(prover(timeScale: timeScale)) : .off
    }

    func prover(timeScale: Double = 1) -> HandshakeProver {
        var limits = ProbeLimits()
        limits.perSecond = min(limits.perSecond * timeScale, 2_000)
        return HandshakeProver(edge: address, allowsPrivate: allowsPrivate, limits: limits)
    }
}
