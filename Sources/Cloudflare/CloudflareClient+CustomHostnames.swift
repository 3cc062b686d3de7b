extension CloudflareClient: HostnameProvider {
    package func createHostname(
        _ creation: HostnameCreation
    ) async throws(CloudflareError) -> Answer<CustomHostname> {
        try await send(.init(.createHostname, hostnames, body: creation)).answer
    }

    package func listHostnames(
        page: Int,
        perPage: Int,
        filter: HostnameFilter = .all
    ) async throws(CloudflareError) -> Answer<HostnamePage> {
        try await list(.listHostnames, page: page, perPage: perPage, filter: filter)
    }

    package func getHostname(id: String) async throws(CloudflareError) -> Answer<CustomHostname> {
        try await send(.init(.getHostname, hostnames + [id])).answer
    }

    package func findHostname(exact hostname: String) async throws(CloudflareError) -> Answer<CustomHostname?> {
        let filter = HostnameFilter(name: .exact(hostname))
        let answer = try await list(.findHostname, page: 1, perPage: 50, filter: filter)
        let found = answer.value.hostnames.filter { $0.hostname.lowercased() == hostname.lowercased() }
        if found.isEmpty && !answer.value.hostnames.isEmpty {
            // The filter was not applied, so the name may be on any page: "absent" would be a guess.
            throw CloudflareError(
                call: .findHostname,
                fault: .unreadable(status: answer.status, .unexpectedShape),
                pacing: answer.pacing,
                ray: answer.ray,
                table: errors
            )
        }
        return answer.map { _ in found.first { !$0.isBeingDeleted } ?? found.first }
    }

    package func editHostname(
        id: String,
        _ edit: HostnameEdit
    ) async throws(CloudflareError) -> Answer<CustomHostname> {
        try await send(.init(.editHostname, hostnames + [id], body: edit)).answer
    }

    package func deleteHostname(id: String) async throws(CloudflareError) -> Answer<DeletedHostname> {
        try await send(.init(.deleteHostname, hostnames + [id])).answer
    }

    package func quota() async throws(CloudflareError) -> Answer<HostnameQuota> {
        try await send(.init(.readQuota, hostnames + ["quota"])).answer
    }

    private var hostnames: [String] { ["zones", settings.zoneID, "custom_hostnames"] }

    private func list(
        _ call: ProviderCall,
        page: Int,
        perPage: Int,
        filter: HostnameFilter
    ) async throws(CloudflareError) -> Answer<HostnamePage> {
        let sizes = HostnamePage.sizes
        let perPage = min(max(perPage, sizes.lowerBound), sizes.upperBound)
        let paging = [(name: "page", value: String(page)), (name: "per_page", value: String(perPage))]
        let reply: Reply<[CustomHostname]> = try await send(.init(call, hostnames, query: paging + filter.query))
        return reply.answer.map { hostnames in
            HostnamePage(
                hostnames: hostnames,
                page: reply.page?.page ?? page,
                perPage: reply.page?.perPage ?? perPage,
                totalCount: reply.page?.totalCount,
                totalPages: reply.page?.totalPages
            )
        }
    }
}

extension CustomHostname {
    fileprivate var isBeingDeleted: Bool {
        status?.value == .deleted || status?.value == .pendingDeletion
    }
}
