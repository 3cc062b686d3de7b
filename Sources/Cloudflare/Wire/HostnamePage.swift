/// Which custom hostnames a list shows.
package struct HostnameFilter: Hashable, Sendable {
    /// The provider accepts one of these at a time (codes 1437 and 1438), so they are one choice.
    package enum Name: Hashable, Sendable {
        case exact(String)
        case contains(String)
        case startsWith(String)
    }

    /// Which names; `nil` is any.
    package var name: Name?
    package var status: HostnameStatus?
    package var sslStatus: SSLStatus?

    package init(name: Name? = nil, status: HostnameStatus? = nil, sslStatus: SSLStatus? = nil) {
        self.name = name
        self.status = status
        self.sslStatus = sslStatus
    }

    /// Every hostname of the zone.
    package static let all = HostnameFilter()

    /// The query of the list call; the bare `hostname` is left alone, since it is said to match parts of names too.
    var query: [(name: String, value: String)] {
        var query: [(name: String, value: String)] = []
        switch name {
        case .exact(let name): query.append(("hostname.exact", name))
        case .contains(let part): query.append(("hostname.contain", part))
        case .startsWith(let start): query.append(("hostname.startsWith", start))
        case nil: break
        }
        if let status { query.append(("hostname_status", status.rawValue)) }
        if let sslStatus { query.append(("ssl_status", sslStatus.rawValue)) }
        return query
    }
}

/// One page of custom hostnames.
///
/// The list has no stable order: while others write, a hostname may come twice or not at all, so the reader keeps them
/// by `id` and takes an absence from one sweep as no proof.
package struct HostnamePage: Hashable, Sendable {
    /// Page sizes the provider accepts.
    package static let sizes = 5...1_000

    /// The hostnames of this page.
    package let hostnames: [CustomHostname]
    /// From 1.
    package let page: Int
    package let perPage: Int
    /// `nil` where the answer did not say.
    package let totalCount: Int?
    package let totalPages: Int?

    package init(
        hostnames: [CustomHostname],
        page: Int,
        perPage: Int,
        totalCount: Int? = nil,
        totalPages: Int? = nil
    ) {
        self.hostnames = hostnames
        self.page = page
        self.perPage = perPage
        self.totalCount = totalCount
        self.totalPages = totalPages
    }

    /// True if no page follows, as far as this page tells.
    ///
    /// A page that is not full proves nothing: the provider cuts pages, and need not say so.
    package var isLast: Bool {
        hostnames.isEmpty || totalPages.map { page >= $0 } ?? false
    }
}
