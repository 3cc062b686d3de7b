/// What the tenant's DNS does, as far as the provider looks at it.
package enum DNSFixture: Hashable, Sendable {
    /// The hostname leads to the zone after so many virtual seconds, with every token in place.
    case pointsHere(after: Double)
    /// The hostname never leads to the zone.
    case never
    /// The domain is held by another zone: the hostname becomes `blocked`.
    case blocked
    /// Another zone serves the name: the hostname becomes `moved`.
    case moved
}

/// The fixture of each hostname: a default and exceptions by exact name.
package struct DNSTable: Hashable, Sendable {
    package var standard: DNSFixture
    package var exceptions: [String: DNSFixture]

    /// By default every hostname leads to the zone at once.
    package init(standard: DNSFixture = .pointsHere(after: 0), exceptions: [String: DNSFixture] = [:]) {
        self.standard = standard
        self.exceptions = exceptions
    }

    func fixture(of name: String) -> DNSFixture { exceptions[name] ?? standard }
}

/// A hostname's fixture and since when it is so.
struct DNSView: Hashable, Sendable {
    var fixture: DNSFixture
    var since: VirtualInstant

    /// When the name leads to the zone; `nil` is never.
    var pointsHereAt: VirtualInstant? {
        guard case .pointsHere(let delay) = fixture else { return nil }
        return since.adding(seconds: delay)
    }
}
