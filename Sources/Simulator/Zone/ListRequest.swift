/// The paging and the filters of one list call.
struct ListRequest {
    /// Which hostnames must be looked at; a name or an id needs no walk through all of them.
    enum Scope {
        case all
        case id(String)
        case name(String)
    }

    let page: Int
    let rowsPerPage: Int
    let scope: Scope
    private let filters: [@Sendable (SimulatedHostname) -> Bool]
    private let order: Order?

    private struct Order {
        var key: @Sendable (SimulatedHostname) -> String
        var isDescending: Bool
    }

    /// Reads the query.
    ///
    /// - Throws: 1437 for a bad hostname filter, 1438 for filters that exclude each other.
    init(_ query: [String: String], semantics: ProviderSemantics) throws(APIRefusal) {
        page = max(1, query["page"].flatMap(Int.init) ?? 1)
        // A larger wish is cut, not refused: a client that believes its own number then stops too early.
        rowsPerPage = min(max(5, query["per_page"].flatMap(Int.init) ?? 20), semantics.maximumPerPage)
        (scope, filters) = try Self.filters(query, semantics)
        order = Self.order(query)
    }

    func includes(_ hostname: SimulatedHostname) -> Bool {
        filters.allSatisfy { $0(hostname) }
    }

    /// The rows of this page; none past the last.
    func page(of matches: [SimulatedHostname]) -> ArraySlice<SimulatedHostname> {
        let (start, isFar) = (page - 1).multipliedReportingOverflow(by: rowsPerPage)
        return isFar ? [] : sorted(matches).dropFirst(start).prefix(rowsPerPage)
    }

    private func sorted(_ matches: [SimulatedHostname]) -> [SimulatedHostname] {
        guard let order else { return matches }
        let rows = matches.enumerated().sorted { left, right in
            let (first, second) = (order.key(left.element), order.key(right.element))
            if first == second { return left.offset < right.offset }
            return order.isDescending ? first > second : first < second
        }
        return rows.map(\.element)
    }
}

// MARK: - The query

extension ListRequest {
    private typealias Filter = @Sendable (SimulatedHostname) -> Bool

    private static func filters(
        _ query: [String: String],
        _ semantics: ProviderSemantics
    ) throws(APIRefusal) -> (Scope, [Filter]) {
        let names = ["hostname", "hostname.exact", "hostname.contain", "hostname.startsWith"].filter {
            query[$0] != nil
        }
        let filters = stateFilters(query)
        let id = query["id"]
        guard names.count + (id == nil ? 0 : 1) <= 1 else { throw .clashingListFilters }
        if let id { return (.id(id.lowercased()), filters) }
        guard let name = names.first, let value = query[name]?.lowercased() else { return (.all, filters) }
        guard (1...255).contains(value.utf8.count), !value.contains(" ") else { throw .badListFilter }
        let isExact = name == "hostname" && semantics.bareHostnameFilter == .exact
        switch isExact ? "hostname.exact" : name {
        case "hostname.exact": return (.name(value), filters)
        case "hostname.startsWith": return (.all, filters + [{ $0.name.hasPrefix(value) }])
        default: return (.all, filters + [{ $0.name.contains(value) }])
        }
    }

    private static let stateProperties: [(String, @Sendable (SimulatedHostname) -> String?)] = [
        ("hostname_status", { $0.status.rawValue }),
        ("ssl_status", { $0.certificate?.status.rawValue }),
        ("certificate_authority", { $0.certificate?.configuration.authority }),
        ("custom_origin_server", { $0.originServer }),
        ("wildcard", { String($0.certificate?.configuration.wildcard ?? false) }),
    ]

    private static func stateFilters(_ query: [String: String]) -> [Filter] {
        stateProperties.compactMap { name, property -> Filter? in
            guard let wanted = query[name] else { return nil }
            return { property($0) == wanted }
        }
    }

    private static func order(_ query: [String: String]) -> Order? {
        let isDescending = query["direction"] == "desc"
        return switch query["order"] {
        case "ssl_status":
            Order(key: { $0.certificate?.status.rawValue ?? "" }, isDescending: isDescending)
        case "ssl":
            Order(key: { $0.certificate?.id ?? "" }, isDescending: isDescending)
        default: nil
        }
    }
}
