// How the page puts what the simulation knows into words.

/// One of the limits, with the share of it that is left.
struct LimitView {
    var name: String
    var text: String
    /// From 0 to 1.
    var left: Double

    static func all(of simulation: Simulation, now: VirtualInstant) -> [LimitView] {
        var limits = simulation.limits
        var views = simulation.tokenIDs.map { id in
            let allowance = limits.allowance(token: id, now: now)
            let share = Double(allowance.remaining) / Double(max(1, allowance.limit.count))
            return LimitView(
                name: "calls left to token \(id)",
                text: "\(allowance.remaining) of \(allowance.limit.count)",
                left: share
            )
        }
        if let limit = limits.configuration.certificates {
            let used = limits.certificatesInWindow(now: now)
            let left = max(0, limit.count - used)
            let share = Double(left) / Double(max(1, limit.count))
            views.append(
                LimitView(name: "certificates left this minute", text: "\(left) of \(limit.count)", left: share)
            )
        }
        let foreign = limits.configuration.foreignShare
        if foreign > 0 {
            let percent = Int((foreign * 100).rounded())
            views.append(LimitView(name: "a second writer burns", text: "\(percent) % of the calls", left: 1 - foreign))
        }
        return views
    }
}

extension SimulatedHostname {
    /// True if traffic is served as was asked for.
    var isReady: Bool { isValidated && certificate?.inForce != nil }
}

extension SimulatedCertificate {
    /// Where the certificate comes from.
    var sourceWords: String {
        let kind = configuration.wildcard ? ", wildcard" : ""
        guard isManaged else { return "upload × \(configuration.uploads.count)\(kind)" }
        return "\(configuration.authority), \(configuration.method)\(kind)"
    }
}

extension DNSFixture {
    /// What the tenant's DNS does, in a few words.
    var words: String {
        switch self {
        case .pointsHere(let seconds): seconds > 0 ? "points here after \(Int(seconds)) s" : "points here"
        case .never: "never points here"
        case .blocked: "held by another zone"
        case .moved: "points to another zone"
        case .records(let records, _): records.words
        }
    }
}

extension DNSRecords {
    fileprivate var words: String {
        var parts = ["leads \(route.rawValue)"]
        if ownershipText { parts.append("ownership TXT") }
        if ownershipFile { parts.append("ownership file") }
        if challenge != .absent { parts.append("challenge TXT \(challenge.rawValue)") }
        if isDelegated { parts.append("delegated") }
        if isProxied { parts.append("proxied") }
        if let trouble { parts.append(trouble.rawValue) }
        return parts.joined(separator: ", ")
    }
}

extension FaultPlan.Rule {
    /// When and to whom it happens.
    var words: String {
        let calls = operations.isEmpty ? "any call" : operations.map(\.rawValue).sorted().joined(separator: ", ")
        let subject = hostname.map { " of \($0)" } ?? ""
        return switch trigger {
        case .next(0): "spent"
        case .next(let count): "next \(count) of \(calls)\(subject)"
        case .nth(let ordinal): "call \(ordinal) of \(calls)\(subject)"
        case .probability(let probability, _, _): "\(Int((probability * 100).rounded())) % of \(calls)\(subject)"
        }
    }
}
