/// What the tenant's DNS does, as far as the provider looks at it.
package enum DNSFixture: Hashable, Sendable, Codable {
    /// The hostname leads to the zone after so many virtual seconds, with every token in place.
    case pointsHere(after: Double)
    /// The hostname never leads to the zone.
    case never
    /// The domain is held by another zone: the hostname becomes `blocked`.
    case blocked
    /// Another zone serves the name: the hostname becomes `moved`.
    case moved
    /// Each record for itself, from so many virtual seconds on.
    case records(DNSRecords, after: Double = 0)

    /// The single records that the fixture stands for.
    package var records: DNSRecords {
        switch self {
        case .pointsHere: .complete
        case .never: .none
        case .blocked: DNSRecords(route: .held)
        case .moved: DNSRecords(route: .elsewhere)
        case .records(let records, _): records
        }
    }

    fileprivate var delaySeconds: Double {
        switch self {
        case .pointsHere(let seconds), .records(_, let seconds): seconds
        case .never, .blocked, .moved: 0
        }
    }
}

/// The fixture of each hostname: a default and exceptions by exact name.
package struct DNSTable: Hashable, Sendable, Codable {
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
struct DNSView: Hashable, Sendable, Codable {
    var fixture: DNSFixture
    var since: VirtualInstant

    /// From when the fixture's records can be seen.
    var visibleFrom: VirtualInstant { since.adding(seconds: fixture.delaySeconds) }

    /// The records that can be seen at a moment.
    func records(at moment: VirtualInstant) -> DNSRecords {
        moment >= visibleFrom ? fixture.records : .none
    }
}
