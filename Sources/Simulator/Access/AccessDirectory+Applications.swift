extension AccessDirectory {
    /// The answer to a call on `access/apps` and below.
    mutating func applicationAnswer(
        _ method: String,
        _ path: [String],
        _ body: APIValue?,
        now: VirtualInstant,
        isKnown: (String) -> Bool
    ) -> APIAnswer? {
        switch path.count {
        case 0: return applicationsAnswer(method, body, now: now, isKnown: isKnown)
        case 1: return applicationAnswer(method, id: path[0], body, now: now, isKnown: isKnown)
        case 2...3 where path[1] == "policies":
            return .of { () throws(APIRefusal) in
                guard let place = applications.firstIndex(where: { $0.id == path[0] }) else { throw .noAccessObject }
                let policy = path.count == 3 ? path[2] : nil
                return try policyAnswer(method, place, policy: policy, body)
            }
        default: return nil
        }
    }

    private mutating func applicationsAnswer(
        _ method: String,
        _ body: APIValue?,
        now: VirtualInstant,
        isKnown: (String) -> Bool
    ) -> APIAnswer? {
        switch method {
        case "GET": return .page(applications.map(\.wire))
        case "POST":
            return .of { () throws(APIRefusal) in
                guard applications.count < Self.mostApplications else { throw .tooMany("applications") }
                let made = try application(body, id: random.uuid(), createdAt: now, now: now, isKnown: isKnown)
                applications.append(made)
                return .success(made.wire, status: 201)
            }
        default: return nil
        }
    }

    private mutating func applicationAnswer(
        _ method: String,
        id: String,
        _ body: APIValue?,
        now: VirtualInstant,
        isKnown: (String) -> Bool
    ) -> APIAnswer? {
        guard ["GET", "PUT", "DELETE"].contains(method) else { return nil }
        return .of { () throws(APIRefusal) in
            guard let place = applications.firstIndex(where: { $0.id == id }) else { throw .noAccessObject }
            switch method {
            case "PUT":
                let created = applications[place].createdAt
                applications[place] = try application(body, id: id, createdAt: created, now: now, isKnown: isKnown)
            case "DELETE":
                applications.remove(at: place)
                return APIAnswer.success(["id": .string(id)], status: 202)
            default: break
            }
            return .success(applications[place].wire)
        }
    }

    private mutating func application(
        _ body: APIValue?,
        id: String,
        createdAt: VirtualInstant,
        now: VirtualInstant,
        isKnown: (String) -> Bool
    ) throws(APIRefusal) -> AccessApplication {
        guard let body, body.object != nil else { throw .badAccess("the body is no object") }
        guard body["type"]?.string == "self_hosted" else { throw .badAccess("type: only self_hosted is simulated") }
        let domains = try Self.domains(body)
        for domain in domains where !isKnown(domain) { throw .foreignHostname(domain) }
        let taken = applications.filter { $0.id != id }.flatMap(\.domains)
        if let twice = domains.first(where: taken.contains) { throw .badAccess("\(twice) has an application already") }
        var policies: [AccessApplication.Policy] = []
        for policy in body["policies"]?.array ?? [] {
            policies.append(try AccessApplication.Policy(policy, id: random.uuid()))
        }
        return AccessApplication(
            id: id,
            name: try body.text("name") ?? domains.first ?? "",
            domains: domains,
            policies: policies,
            createdAt: createdAt,
            updatedAt: now
        )
    }

    /// `domain`, `self_hosted_domains` and the public ones of `destinations`, each once.
    private static func domains(_ body: APIValue) throws(APIRefusal) -> [String] {
        let destinations = (body["destinations"]?.array ?? []).compactMap { $0["uri"]?.string }
        let given = [try body.text("domain")].compactMap { $0 } + (body["self_hosted_domains"]?.strings ?? [])
        var domains: [String] = []
        for domain in (given + destinations).map({ $0.lowercased() }) where !domains.contains(domain) {
            if domain.contains("*") { throw .badAccess("\(domain): Access does not support wildcard custom hostnames") }
            domains.append(domain)
        }
        guard !domains.isEmpty else { throw .badAccess("domain is needed") }
        guard domains.count <= mostDomains else { throw .tooMany("domains") }
        return domains
    }

    /// - Throws: 12130 or 12135.
    private mutating func policyAnswer(
        _ method: String,
        _ place: Int,
        policy id: String?,
        _ body: APIValue?
    ) throws(APIRefusal) -> APIAnswer {
        guard let id else {
            if method == "GET" { return .page(applications[place].policies.map(\.wire)) }
            guard method == "POST" else { throw .noRoute("access/apps/policies") }
            let made = try AccessApplication.Policy(body ?? .null, id: random.uuid())
            applications[place].policies.append(made)
            return .success(made.wire, status: 201)
        }
        guard let index = applications[place].policies.firstIndex(where: { $0.id == id }) else { throw .noAccessObject }
        switch method {
        case "GET": break
        case "PUT": applications[place].policies[index] = try AccessApplication.Policy(body ?? .null, id: id)
        case "DELETE":
            applications[place].policies.remove(at: index)
            return .success(["id": .string(id)], status: 202)
        default: throw .noRoute("access/apps/policies/\(id)")
        }
        return .success(applications[place].policies[index].wire)
    }
}
