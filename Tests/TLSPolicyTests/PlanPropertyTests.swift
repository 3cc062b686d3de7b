import TLSPolicy
import Testing

@Suite struct PlanPropertyTests {
    private static let rounds = 20_000

    /// What the provider does with an edit: it replaces settings, certificate and wildcard.
    private func applying(_ edit: HostnamePlan.Edit, to observed: ObservedHostname) -> ObservedHostname {
        var after = observed
        after.settings = edit.settings
        after.settings.ciphers.reverse()
        after.wildcard = edit.wildcard
        after.certificateSource = edit.certificate
        after.method = edit.method
        after.authority = edit.certificate == .custom ? nil : edit.authority?.rawValue ?? observed.authority
        return after
    }

    @Test func `once a plan is carried out nothing is left to do`() {
        var random = SeededRandom()
        for _ in 0..<Self.rounds {
            let effective = random.effectivePolicy()
            let observed = random.observedHostname()
            let plan = plan(effective, observed: observed)
            random.expect(shortfalls(effective, observed: observed).map(\.key) == plan.changes.map(\.key))
            guard case .edit(let edit) = plan else {
                random.expect(plan == .nothing)
                continue
            }
            let after = applying(edit, to: observed)
            random.expect(TLSPolicy.plan(effective, observed: after) == .nothing)
            random.expect(edit.settings.foreign["http3"] == observed.settings.foreign["http3"])
            random.expect(edit.settings.minimumTLS != .v1_3 || edit.settings.ciphers.isEmpty)
        }
    }

    /// A created hostname reads as decided.
    @Test func `a creation needs no edit after it`() {
        var random = SeededRandom()
        for _ in 0..<2_000 {
            let effective = random.effectivePolicy()
            guard case .create(let desired) = plan(effective, observed: nil) else { continue }
            let observed = ObservedHostname(
                providerID: "id",
                status: "active",
                certificateStatus: "active",
                settings: desired.settings,
                wildcard: desired.wildcard,
                certificateSource: desired.certificate,
                authority: desired.authority?.rawValue ?? "google"
            )
            random.expect(plan(effective, observed: observed) == .nothing)
        }
    }

    /// The handshakes of TLS 1.2 and below an edge accepts.
    private struct Handshake: Hashable {
        var version: TLSVersion
        var suite: String
    }

    private func accepted(_ settings: ExplicitSettings, _ zone: ZoneSettings) -> Set<Handshake> {
        let minimum = settings.minimumTLS ?? zone.minimumTLS
        let explicit = settings.ciphers.isEmpty ? zone.ciphers : settings.ciphers
        let names = explicit.isEmpty ? CipherSuite.settable.map(\.name) : explicit
        var handshakes: Set<Handshake> = []
        for version in [TLSVersion.v1_0, .v1_1, .v1_2] where version >= minimum {
            for name in names where CipherSuite.named(name)?.isUsable(at: version) == true {
                handshakes.insert(Handshake(version: version, suite: name))
            }
        }
        return handshakes
    }

    @Test func `what lets more in is always marked, and what only keeps more out never`() {
        var random = SeededRandom()
        var weakenings = 0
        for _ in 0..<Self.rounds {
            let effective = random.effectivePolicy()
            var observed = random.observedHostname()
            observed.settings.foreign = [:]
            observed.wildcard = effective.isWildcard
            observed.certificateSource = effective.certificate.value
            guard case .edit(let edit) = plan(effective, observed: observed) else { continue }
            let zone = effective.zone
            let before = accepted(observed.settings, zone)
            let after = accepted(edit.settings, zone)
            let losesTLS13 = (observed.settings.tls13 ?? zone.tls13, edit.settings.tls13 ?? zone.tls13) == (.on, .off)
            let lowers =
                (edit.settings.minimumTLS ?? zone.minimumTLS) < (observed.settings.minimumTLS ?? zone.minimumTLS)
            let opensOldVersion = after.contains { new in !before.contains { $0.version <= new.version } }
            if lowers || losesTLS13 || after.isStrictSuperset(of: before) || (opensOldVersion && !before.isEmpty) {
                random.expect(edit.changes.contains { $0.kind == .weaken })
                weakenings += 1
            } else if after.isSubset(of: before), !observed.settings.ciphers.contains("SOME-FUTURE-SUITE") {
                let gainsName = edit.changes.contains { $0.key == .ciphers && $0.kind == .weaken }
                random.expect(gainsName || !edit.changes.contains { $0.kind == .weaken })
            }
        }
        #expect(weakenings > 1_000)
    }
}
