/// What reads show of one hostname while a write has not reached them yet.
struct StaleView: Sendable, Codable {
    /// `nil` if the hostname did not exist before the write.
    var hostname: SimulatedHostname?
    var until: VirtualInstant
}

extension SimulatedZone {
    mutating func showStale(_ hostname: SimulatedHostname?, id: String, seconds: Double, now: VirtualInstant) {
        staleViews[id] = StaleView(hostname: hostname, until: now.adding(seconds: seconds))
    }

    /// The hostname as a read sees it.
    private mutating func visible(_ hostname: SimulatedHostname, now: VirtualInstant) -> SimulatedHostname? {
        guard !staleViews.isEmpty, let view = staleViews[hostname.id] else { return hostname }
        guard now < view.until else {
            staleViews[hostname.id] = nil
            return hostname
        }
        var old = view.hostname
        // What the past would have announced was announced by the present.
        var unheard: [CertificateEvent.Kind] = []
        old?.advance(to: now, in: surroundings, journal: &unheard)
        return old
    }

    /// GET custom_hostnames/{id}.
    package mutating func get(id: String, now: VirtualInstant) -> APIAnswer {
        .of { () throws(APIRefusal) in
            guard let hostname = visible(try stored(id: id, now: now), now: now) else { throw .notFound }
            return .success(wire(hostname, now: now), hostname: hostname.name)
        }
    }

    /// DELETE custom_hostnames/{id}: answered with the bare id and no envelope.
    package mutating func delete(id: String, now: VirtualInstant) -> APIAnswer {
        .of { () throws(APIRefusal) in
            var hostname = try stored(id: id, now: now)
            if hostname.status != .pendingDeletion {
                hostname.delete(now: now, timings: timings)
                announce([.deletionSucceeded], hostname, now: now)
            }
            hostnames.replace(hostname)
            staleViews[hostname.id] = nil
            _ = current(hostname, now: now)
            return deleted(id: hostname.id, hostname: hostname.name)
        }
    }

    /// The bare id, as the reference has it, or an envelope around it.
    func deleted(id: String, hostname: String) -> APIAnswer {
        let result: APIValue = ["id": .string(id)]
        if semantics.isDeleteEnveloped { return .success(result, hostname: hostname) }
        return APIAnswer(status: 200, body: .json(result), hostname: hostname)
    }

    /// GET custom_hostnames with paging and filters.
    package mutating func list(_ query: [String: String], now: VirtualInstant) -> APIAnswer {
        .of { () throws(APIRefusal) in
            guard quota.isAllocated else { throw .notEnabled(semantics) }
            let request = try ListRequest(query, semantics: semantics)
            let surroundings = surroundings
            let matches = candidates(request.scope)
                .compactMap { current($0, now: now, in: surroundings) }
                .compactMap { visible($0, now: now) }
                .filter(request.includes)
            let page = request.page(of: matches)
            let info: APIValue = [
                "count": .integer(page.count),
                "page": .integer(request.page),
                "per_page": .integer(request.rowsPerPage),
                "total_count": .integer(matches.count),
                "total_pages": .integer((matches.count + request.rowsPerPage - 1) / request.rowsPerPage),
            ]
            return .success(.array(page.map { wire($0, now: now) }), resultInfo: info)
        }
    }

    private func candidates(_ scope: ListRequest.Scope) -> [SimulatedHostname] {
        switch scope {
        case .all: semantics.listOrder == .oldestFirst ? hostnames.all : hostnames.all.reversed()
        case .id(let id): [hostnames[id: id]].compactMap { $0 }
        case .name(let name): [hostnames[name: name]].compactMap { $0 }
        }
    }

    /// GET custom_hostnames/quota.
    package mutating func quotaAnswer(now: VirtualInstant) -> APIAnswer {
        guard quota.isAllocated else { return .refusal(.notEnabled(semantics)) }
        advance(to: now)
        return .success([
            "allocated": .integer(quota.allocated),
            "used": .integer(hostnames.count),
            "exceeded": .bool(hostnames.count >= quota.allocated),
            "hard_cap": .integer(quota.hardCap),
        ])
    }
}
