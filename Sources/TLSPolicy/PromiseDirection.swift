/// Where one promise stands against another: a partial order, since a list can gain a suite and lose another.
package enum PromiseDirection: String, CaseIterable, Hashable, Sendable, Codable {
    /// The same is promised.
    case unchanged
    /// More is kept out, or more is given, and nothing is taken away.
    case stronger
    /// Something is let in, or taken away, and nothing is gained for it.
    case weaker
    /// Stronger in one respect and weaker in another.
    case incomparable
}

extension PromiseDirection {
    /// The direction of two things together.
    package func joined(with other: PromiseDirection) -> PromiseDirection {
        switch (self, other) {
        case (.unchanged, let direction), (let direction, .unchanged): direction
        case (.stronger, .stronger): .stronger
        case (.weaker, .weaker): .weaker
        default: .incomparable
        }
    }

    /// The same, seen from the other side.
    package var reversed: PromiseDirection {
        switch self {
        case .stronger: .weaker
        case .weaker: .stronger
        case .unchanged, .incomparable: self
        }
    }

    /// For what is better the higher it is.
    static func rising<Value: Comparable>(_ before: Value, _ after: Value) -> PromiseDirection {
        after == before ? .unchanged : after > before ? .stronger : .weaker
    }

    /// For what is stronger the less of it is accepted.
    static func narrowing(_ before: Set<String>, _ after: Set<String>) -> PromiseDirection {
        if before == after { return .unchanged }
        if after.isSubset(of: before) { return .stronger }
        return after.isSuperset(of: before) ? .weaker : .incomparable
    }
}

extension EffectivePolicy {
    /// What becomes of a hostname's promise when this policy gives way to another, for the same wish and zone.
    ///
    /// Suites are compared as sets: a list that swaps a suite for a better one is incomparable, because somebody's
    /// client may have needed the one that went. HTTP/2 and early hints promise nothing about security.
    package func promise(to after: EffectivePolicy) -> PromiseDirection {
        [
            PromiseDirection.rising(effectiveMinimumTLS, after.effectiveMinimumTLS),
            ciphersDirection(to: after),
            tls13Direction(to: after),
            // A certificate of the tenant's own is something given.
            .rising(servesCustomCertificate ? 1 : 0, after.servesCustomCertificate ? 1 : 0),
            .rising(coverage == .full ? 1 : 0, after.coverage == .full ? 1 : 0),
        ].reduce(.unchanged) { $0.joined(with: $1) }
    }

    func ciphersDirection(to after: EffectivePolicy) -> PromiseDirection {
        .narrowing(offeredNames, after.offeredNames)
    }

    func tls13Direction(to after: EffectivePolicy) -> PromiseDirection {
        .rising(effectiveTLS13 == .on ? 1 : 0, after.effectiveTLS13 == .on ? 1 : 0)
    }

    /// What the edge offers at TLS 1.2 and below, names nobody knows included.
    private var offeredNames: Set<String> {
        guard effectiveMinimumTLS < .v1_3 else { return [] }
        return Set(ciphers.explicit?.map(\.name) ?? zone.ciphersOffered)
    }
}
