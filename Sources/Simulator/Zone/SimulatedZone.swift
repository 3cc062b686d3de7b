/// One zone at the provider, all of it by value: each API call is a function of the zone, the call and the time.
///
/// Nothing runs in between: what would have happened since the last look is made up for from timestamps.
package struct SimulatedZone: Sendable {
    /// How many hostnames the zone may have (page on quotas and billing).
    package struct Quota: Hashable, Sendable, Codable {
        /// False if custom hostnames were never switched on: every call on them is refused with 1404.
        package var isAllocated = true
        /// Included in the price; above it creation works and warns.
        package var allocated = 100
        /// Above it creation is refused with 1405.
        package var hardCap = 50_000

        /// The numbers of a standard plan.
        package init() {}
    }

    /// What applies to hostnames that set nothing of their own.
    package struct Settings: Hashable, Sendable, Codable {
        package var minimumTLS = "1.0"
        /// Empty is the provider's default list.
        package var ciphers: [String] = []
        package var tls13 = "on"

        /// The defaults of a new zone.
        package init() {}
    }

    /// Where traffic goes for hostnames without an origin of their own.
    package struct FallbackOrigin: Hashable, Sendable, Codable {
        package var name: String
        package var createdAt: VirtualInstant
        package var updatedAt: VirtualInstant
    }

    /// What a careful client keeps at zero.
    package struct Counters: Hashable, Sendable, Codable {
        /// Edits that asked for what was there already.
        package var equalPatches = 0
        /// Validations started again by such edits.
        package var validationRestarts = 0
        /// Custom certificates lost because an edit did not bring them along.
        package var migrationsToManaged = 0

        /// All at zero.
        package init() {}
    }

    /// 32 hexadecimal digits.
    package let id: String
    package internal(set) var plan: ZonePlan
    package internal(set) var semantics: ProviderSemantics
    package internal(set) var timings: ProviderTimings
    package internal(set) var quota: Quota
    package internal(set) var settings: Settings
    package internal(set) var settingsModified: [String: VirtualInstant] = [:]
    package internal(set) var fallbackOrigin: FallbackOrigin?
    package internal(set) var dns: DNSTable
    package internal(set) var hostnames = HostnameTable()
    package internal(set) var counters = Counters()
    /// Part of the name that delegated validations point to: 16 hexadecimal digits.
    package internal(set) var delegationID: String
    var random: SeededRandom
    var staleViews: [String: StaleView] = [:]
    /// What the provider would announce, in the order in which it came to light; whoever sends it empties it.
    var events: [CertificateEvent] = []
    /// False if nobody listens: then events are not kept.
    var keepsEvents = false

    /// A zone without hostnames and with a fallback origin that is active already.
    package init(_ configuration: SimulatorConfiguration, now: VirtualInstant) {
        id = configuration.zone
        plan = configuration.plan
        semantics = configuration.semantics
        timings = configuration.timings
        quota = configuration.quota
        settings = configuration.zoneSettings
        dns = configuration.dns
        random = SeededRandom(seed: configuration.seed)
        // From a generator of its own: the ids of hostnames stay what they were for each seed.
        var delegation = SeededRandom(seed: ~configuration.seed)
        delegationID = hexadecimal(delegation.next())
        let before = now.adding(seconds: -configuration.timings.fallbackOrigin)
        fallbackOrigin = configuration.fallbackOrigin.map {
            FallbackOrigin(name: $0, createdAt: before, updatedAt: before)
        }
    }
}

// MARK: - Time

extension SimulatedZone {
    var surroundings: Surroundings {
        Surroundings(
            timings: timings,
            semantics: semantics,
            fallbackOriginFrom: fallbackOrigin?.updatedAt.adding(seconds: timings.fallbackOrigin)
        )
    }

    /// The zone as it is at `now`, every hostname included.
    package func advanced(to now: VirtualInstant) -> SimulatedZone {
        var zone = self
        zone.advance(to: now)
        return zone
    }

    mutating func advance(to now: VirtualInstant) {
        let surroundings = surroundings
        for hostname in hostnames.all { _ = current(hostname, now: now, in: surroundings) }
    }

    /// One hostname brought to the present, and kept so; `nil` if its deletion is complete.
    ///
    /// - Parameter surroundings: Those of the zone, for a caller who goes through many hostnames.
    mutating func current(
        _ stored: SimulatedHostname?,
        now: VirtualInstant,
        in surroundings: Surroundings? = nil
    ) -> SimulatedHostname? {
        guard var hostname = stored else { return nil }
        var journal: [CertificateEvent.Kind] = []
        let hasChanged = hostname.advance(to: now, in: surroundings ?? self.surroundings, journal: &journal)
        announce(journal, hostname, now: now)
        if hostname.status == .pendingDeletion, now.seconds(since: hostname.since) >= timings.deletionLinger {
            hostnames.remove(id: hostname.id)
            return nil
        }
        if hasChanged { hostnames.replace(hostname) }
        return hostname
    }

    mutating func announce(_ kinds: [CertificateEvent.Kind], _ hostname: SimulatedHostname, now: VirtualInstant) {
        guard keepsEvents else { return }
        events += kinds.map { CertificateEvent(kind: $0, at: now, hostname: hostname) }
    }
}
