import NIOCore
package import TLSPolicy

/// Proves by connecting to a name's edge; see `ProbePlan` for which connections it makes.
package struct HandshakeProver: EdgeProver {
    private let edge: EdgeAddress?
    private let allowsPrivate: Bool
    private let limits: ProbeLimits
    private let gate: ProbeGate

    /// - Parameters:
    ///   - edge: Asked for every name; `nil` asks where each name's DNS says, at port 443.
    ///   - allowsPrivate: Whether addresses inside somebody's own network may be asked.
    package init(edge: EdgeAddress?, allowsPrivate: Bool, limits: ProbeLimits = ProbeLimits()) {
        self.edge = edge
        self.allowsPrivate = allowsPrivate
        self.limits = limits
        gate = ProbeGate(limits)
    }

    package func look(_ expectation: ProofExpectation) async -> EdgeSighting {
        let deadline = ContinuousClock.now + limits.total
        let edge = edge ?? EdgeAddress(host: expectation.name, port: 443)
        do {
            let addresses = try await edge.resolved(within: limits.connect, allowsPrivate: allowsPrivate)
            let connection = EdgeConnection(address: addresses[0], serverName: expectation.name, limits: limits)
            return await look(expectation, connection, until: deadline)
        } catch {
            return EdgeSighting(name: expectation.name, trouble: (error as? EdgeNotAsked)?.reason ?? "\(error)")
        }
    }

    private func look(
        _ expectation: ProofExpectation,
        _ connection: EdgeConnection,
        until deadline: ContinuousClock.Instant
    ) async -> EdgeSighting {
        let door = connection.address.ipAddress ?? ""
        var plan = ProbePlan(expectation, address: connection.address.text)
        var isPatient = true
        while let probe = plan.next {
            guard ContinuousClock.now < deadline, !Task.isCancelled, plan.seen.connections < limits.connections else {
                plan.record(.silence("not looked at to the end within \(limits.total)"))
                break
            }
            await gate.enter(door)
            let (answer, leaf) = await connection.make(probe)
            await gate.leave(door)
            // One lost packet or busy moment is no reason to begin anew; a second one may be.
            if case .silence = answer, isPatient {
                isPatient = false
                continue
            }
            guard let leaf else {
                plan.record(answer)
                continue
            }
            let facts = CertificateFacts(der: leaf)
            plan.record(facts == nil ? .silence("a certificate that cannot be read") : answer, leaf: facts)
        }
        return plan.seen
    }
}
