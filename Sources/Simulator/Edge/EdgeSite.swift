/// What the edge serves under one server name at one moment.
struct EdgeSite: Hashable, Sendable {
    /// The custom hostname that the name belongs to: itself, or the wildcard above it.
    var hostname: String
    var minimum: EdgeVersion
    var maximum: EdgeVersion
    /// For TLS 1.2 and below, in the order of preference.
    var suites: [EdgeSuite]
    /// ECDSA before RSA; at most one of a kind.
    var leaves: [EdgeLeaf]
    /// Whether Access has a certificate authority of the tenant's for this server name.
    var asksForCertificate = false

    /// From what applies: the hostname's own settings, and the zone's for whatever those leave open.
    init(
        hostname: String,
        settings: HostnameSettings,
        zone: SimulatedZone.Settings,
        leaves: [EdgeLeaf]
    ) {
        self.hostname = hostname
        self.minimum = EdgeVersion(rawValue: settings.minimumTLS ?? zone.minimumTLS) ?? .tls10
        self.maximum = (settings.tls13 ?? zone.tls13) == "off" ? .tls12 : .tls13
        let names = settings.ciphers ?? zone.ciphers
        self.suites = EdgeSuite.suites(names.isEmpty ? SettableCiphers.names : names)
        self.leaves = leaves
    }
}

/// A certificate that the edge serves, and where it comes from.
enum EdgeLeaf: Hashable, Sendable {
    /// Issued by the simulator's own authority.
    case managed(names: [String], SimulatedCertificate.Issued, CertificateAuthority.KeyType)
    /// Served as long as it is in force, beyond its end too: what the provider does then is not documented, and the
    /// tenant's visitors are to see what is wrong.
    case uploaded(UploadedCertificate)

    var isECDSA: Bool {
        switch self {
        case .managed(_, _, let key): key == .p256
        case .uploaded(let certificate): certificate.facts.isECDSA
        }
    }
}

extension Simulation {
    /// What the edge serves under a server name, and whether it asks for client certificates there.
    mutating func site(_ serverName: String, now: VirtualInstant) -> EdgeSite? {
        var site = zone.site(serverName, now: now)
        site?.asksForCertificate = access.asksForCertificate(serverName, now: now)
        return site
    }
}

extension SimulatedZone {
    /// What the edge serves under a server name: the hostname of that name, else the wildcard above it.
    ///
    /// - Returns: `nil` if the name is not served, which it is from its first deployment until it leaves the zone.
    mutating func site(_ serverName: String, now: VirtualInstant) -> EdgeSite? {
        if let (hostname, inForce) = served(serverName, now: now) {
            return EdgeSite(
                hostname: hostname.name,
                settings: inForce.settings,
                zone: settings,
                leaves: inForce.leaves(for: hostname.name)
            )
        }
        guard let dot = serverName.firstIndex(of: ".") else { return nil }
        let parent = String(serverName[serverName.index(after: dot)...])
        guard let (hostname, inForce) = wildcard(above: parent, now: now) else { return nil }
        // The hostname's settings do not reach its subdomains (page on certificate management, wildcards).
        return EdgeSite(
            hostname: hostname.name,
            settings: HostnameSettings(),
            zone: settings,
            leaves: inForce.leaves(for: hostname.name)
        )
    }

    private typealias Served = (hostname: SimulatedHostname, inForce: SimulatedCertificate.InForce)

    private mutating func served(_ name: String, now: VirtualInstant) -> Served? {
        guard let hostname = current(hostnames[name: name], now: now), hostname.isValidated else { return nil }
        return hostname.certificate?.inForce.map { (hostname, $0) }
    }

    private mutating func wildcard(above parent: String, now: VirtualInstant) -> Served? {
        if let exact = served("*." + parent, now: now) { return exact }
        return served(parent, now: now).flatMap { $0.inForce.wildcard ? $0 : nil }
    }
}

extension SimulatedCertificate.InForce {
    fileprivate func leaves(for hostname: String) -> [EdgeLeaf] {
        if !uploads.isEmpty {
            return uploads.sorted { $0.facts.isECDSA && !$1.facts.isECDSA }.map(EdgeLeaf.uploaded)
        }
        guard let issued else { return [] }
        let names = wildcard ? [hostname, "*." + hostname] : [hostname]
        return [.managed(names: names, issued, .p256), .managed(names: names, issued, .rsa2048)]
    }
}
