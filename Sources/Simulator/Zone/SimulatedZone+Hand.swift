/// What is done to a zone, but not through its API.
extension SimulatedZone {
    /// Something a person at the provider, or another customer, does to a hostname.
    package enum Hand: String, CaseIterable, Hashable, Sendable {
        /// Deletes it in the dashboard.
        case delete
        /// Validates the name for another zone: `moved`.
        case move
        /// Flags it for abuse, or holds its domain: `blocked` until the next edit.
        case block
        /// Presses Refresh in the dashboard.
        case refresh
    }

    /// Lets the tenants' DNS be otherwise from `now` on.
    package mutating func setDNS(_ table: DNSTable, now: VirtualInstant) {
        advance(to: now)
        dns = table
        for var hostname in hostnames.all {
            hostname.setDNS(table.fixture(of: hostname.name), now: now)
            hostnames.replace(hostname)
        }
    }

    /// An edit in the provider's dashboard, which pins the minimum TLS version whatever else it changes.
    ///
    /// - Returns: False if there is no such hostname with a certificate.
    package mutating func editByHand(_ name: String, _ settings: HostnameSettings, now: VirtualInstant) -> Bool {
        guard var hostname = current(hostnames[name: name], now: now), hostname.certificate != nil else { return false }
        let pinned = HostnameSettings(minimumTLS: self.settings.minimumTLS)
        let before = hostname.certificate?.configuration.settings ?? HostnameSettings()
        hostname.certificate?.configuration.settings = pinned.overlaid(with: before).overlaid(with: settings)
        hostname.certificate?.redeploy(now: now, timings: timings)
        hostname.redeploy(now: now)
        hostnames.replace(hostname)
        return true
    }

    /// Does it; false if there is no such hostname.
    package mutating func apply(_ hand: Hand, to name: String, now: VirtualInstant) -> Bool {
        guard var hostname = current(hostnames[name: name], now: now) else { return false }
        switch hand {
        case .delete: hostname.delete(now: now, timings: timings)
        case .move: hostname.decide(.moved, now: now)
        case .block: hostname.decide(.blocked, now: now)
        case .refresh:
            hostname.validateAgain(now: now)
            hostname.certificate?.validateAgain(now: now, timings: timings)
        }
        hostnames.replace(hostname)
        if hand == .delete { announce([.deletionSucceeded], hostname, now: now) }
        _ = current(hostname, now: now)
        return true
    }
}
