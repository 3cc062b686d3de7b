extension ExplicitSettings {
    /// What became of a hostname when its settings gave way to others that nobody decided, in a zone of these settings.
    ///
    /// Judged by what the edge then accepts, as ``EffectivePolicy/promise(to:)`` judges policies; keys nobody has a
    /// name for promise nothing.
    package func direction(to after: ExplicitSettings, in zone: ZoneSettings) -> PromiseDirection {
        [
            PromiseDirection.rising(minimum(in: zone), after.minimum(in: zone)),
            .narrowing(offered(in: zone), after.offered(in: zone)),
            .rising(offersTLS13(in: zone) ? 1 : 0, after.offersTLS13(in: zone) ? 1 : 0),
        ].reduce(.unchanged) { $0.joined(with: $1) }
    }

    private func minimum(in zone: ZoneSettings) -> TLSVersion { minimumTLS ?? zone.minimumTLS }

    private func offersTLS13(in zone: ZoneSettings) -> Bool { (tls13 ?? zone.tls13) == .on }

    /// What is offered at TLS 1.2 and below.
    private func offered(in zone: ZoneSettings) -> Set<String> {
        guard minimum(in: zone) < .v1_3 else { return [] }
        return Set(ciphers.isEmpty ? zone.ciphersOffered : ciphers)
    }
}
