/// The whole provider by value: zone, limits, faults and log.
///
/// One call is one step; no clock, no I/O.
package struct Simulation: Sendable {
    /// What becomes of one call.
    package struct Exchange: Sendable {
        /// `nil`: the connection is closed without an answer.
        package var answer: APIAnswer?
        /// How the connection is closed if there is no answer.
        package var hangUp = APIAnswer.HangUp.close
        /// Virtual seconds until the answer is sent.
        package var delaySeconds: Double = 0
    }

    package internal(set) var zone: SimulatedZone
    package internal(set) var access: AccessDirectory
    package var limits: RateLimits
    package var faults: FaultPlan
    package internal(set) var log = RequestLog()
    package internal(set) var notifications: Notifications
    let account: String
    private let tokens: [SimulatedToken]
    private let startedAt: VirtualInstant
    /// Virtual seconds in one second of the client: the wire's seconds are the client's.
    private let secondsPerClientSecond: Double

    /// A provider at `now`.
    package init(_ configuration: SimulatorConfiguration, now: VirtualInstant, secondsPerClientSecond: Double = 1) {
        zone = SimulatedZone(configuration, now: now)
        access = AccessDirectory(seed: configuration.seed, timings: configuration.access)
        limits = RateLimits(configuration.limits)
        faults = configuration.faults
        notifications = Notifications(
            manners: configuration.webhooks,
            receiver: configuration.webhookReceiver,
            seed: configuration.seed,
            now: now
        )
        account = configuration.account
        startedAt = now
        tokens = configuration.tokens
        self.secondsPerClientSecond = secondsPerClientSecond
    }

    /// Lets the tenants' DNS be otherwise from `now` on.
    package mutating func setDNS(_ table: DNSTable, now: VirtualInstant) {
        zone.setDNS(table, now: now)
    }

    /// An edit in the provider's dashboard, which pins the minimum TLS version whatever else it changes.
    ///
    /// - Returns: False if there is no such hostname with a certificate.
    package mutating func editByHand(_ name: String, _ settings: HostnameSettings, now: VirtualInstant) -> Bool {
        zone.editByHand(name, settings, now: now)
    }

    /// What a person at the provider does to a hostname; false if there is none of that name.
    package mutating func apply(_ hand: SimulatedZone.Hand, to name: String, now: VirtualInstant) -> Bool {
        zone.apply(hand, to: name, now: now)
    }

    /// Answers one call at `now` and logs it.
    package mutating func respond(to request: APIRequest, now: VirtualInstant) -> Exchange {
        let route = APIRoute(method: request.method, path: request.path)
        let body = request.body.isEmpty ? nil : APIValue(parsing: request.body)
        let hostname = hostname(of: route, body)
        var fault: Fault?
        var exchange: Exchange
        do {
            let token = try admit(request, route, now: now)
            fault = faults.decide(route.operation, hostname: hostname, now: now)
            exchange = perform(route, request, body, fault: fault, now: now)
            exchange.answer?.headers += pacingHeaders(token: token, now: now)
        } catch {
            exchange = Exchange(answer: error.answer)
        }
        let number = log.total + 1
        let ray = hexadecimal(SeededRandom(seed: UInt64(number)).first) + "-SIM"
        exchange.answer?.headers.append(.init(name: "cf-ray", value: ray))
        let answer = fault == .replyLost ? nil : exchange.answer
        log.append(
            RequestLog.Entry(
                number: number,
                at: now,
                method: request.method,
                operation: route.operation,
                token: presented(request)?.id,
                ray: ray,
                hostname: exchange.answer?.hostname ?? hostname,
                status: answer?.status,
                code: answer.flatMap(\.errorCode),
                fault: fault,
                isEqualPatch: exchange.answer?.isEqualPatch ?? false
            )
        )
        exchange.answer = answer
        return exchange
    }

    /// The ids of all tokens, which may be shown.
    var tokenIDs: [String] { tokens.map(\.id) }

    func token(_ secret: Substring) -> SimulatedToken? { tokens.first { $0.secret == secret } }

    /// The token that a call names, if it is known.
    func presented(_ request: APIRequest) -> SimulatedToken? {
        request.authorization?.split(separator: " ").last.flatMap(token)
    }

    private func hostname(of route: APIRoute, _ body: APIValue?) -> String? {
        switch route.operation {
        case .create: body?["hostname"]?.string?.lowercased()
        case .get, .edit, .delete, .certificatePut, .certificateDelete:
            route.subject.flatMap { zone.hostnames[id: $0.lowercased()]?.name }
        default: nil
        }
    }
}

// MARK: - The gateway

extension Simulation {
    /// A refusal with the headers that belong to it.
    private struct Rejection: Error {
        var answer: APIAnswer
    }

    /// Lets a call in by token, limits and scope, in this order.
    private mutating func admit(
        _ request: APIRequest,
        _ route: APIRoute,
        now: VirtualInstant
    ) throws(Rejection) -> SimulatedToken {
        let token: SimulatedToken
        do {
            token = try authenticate(request, route)
        } catch {
            throw Rejection(answer: .refusal(error))
        }
        try admit(limits.admitCall(token: token.id, now: now), token, now: now)
        let isFresh = now.seconds(since: startedAt) < zone.timings.tokenActivation
        if let scope = route.operation.scope, isFresh || !token.scopes.contains(scope) {
            throw Rejection(answer: paced(.missingScope(zone.semantics), token, now: now))
        }
        if route.operation == .create || (route.operation == .edit && zone.semantics.editsCountAsCertificates) {
            try admit(limits.admitCertificate(now: now), token, now: now)
        }
        return token
    }

    private mutating func admit(
        _ verdict: RateLimits.Verdict,
        _ token: SimulatedToken,
        now: VirtualInstant
    ) throws(Rejection) {
        guard case .refused(let seconds) = verdict else { return }
        var answer = paced(.throttled(zone.semantics), token, now: now)
        if zone.semantics.throttledSaysWhen {
            answer.headers.append(.init(name: "Retry-After", value: String(clientSeconds(seconds))))
        }
        throw Rejection(answer: answer)
    }

    private mutating func paced(_ refusal: APIRefusal, _ token: SimulatedToken, now: VirtualInstant) -> APIAnswer {
        var answer = APIAnswer.refusal(refusal)
        answer.headers = pacingHeaders(token: token, now: now)
        return answer
    }

    private func authenticate(_ request: APIRequest, _ route: APIRoute) throws(APIRefusal) -> SimulatedToken {
        guard let header = request.authorization else { throw .noAuthorization }
        let parts = header.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "Bearer", parts[1].utf8.count >= 8 else { throw .malformedAuthorization }
        guard parts[1].utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .malformedAuthorization }
        guard let token = token(parts[1]) else {
            throw route.operation == .tokenVerify ? .invalidToken : .authentication
        }
        guard token.status == .active || route.operation == .tokenVerify else { throw .authentication }
        return token
    }

    /// Structured fields as the provider's changelog of 2025-09-03 shows them.
    private mutating func pacingHeaders(token: SimulatedToken, now: VirtualInstant) -> [APIAnswer.Header] {
        let allowance = limits.allowance(token: token.id, now: now)
        let (reset, window) = (clientSeconds(allowance.resetSeconds), clientSeconds(allowance.limit.windowSeconds))
        return [
            .init(name: "Ratelimit", value: "\"default\";r=\(allowance.remaining);t=\(reset)"),
            .init(name: "Ratelimit-Policy", value: "\"burst\";q=\(allowance.limit.count);w=\(window)"),
        ]
    }

    /// The wire's whole seconds, rounded up, of a virtual time.
    private func clientSeconds(_ virtual: Double) -> Int {
        Int((virtual / secondsPerClientSecond).rounded(.up))
    }
}

extension APIOperation {
    /// What a token must be allowed to do; `nil` needs nothing.
    fileprivate var scope: SimulatedToken.Scope? {
        switch self {
        case .tokenVerify, .unknown: nil
        case .accessRead: .accessRead
        case .accessWrite: .accessWrite
        case .settingGet: .zoneSettingsRead
        case .settingEdit: .zoneSettingsWrite
        case .list, .get, .quota, .fallbackOriginGet, .delegationGet: .certificatesRead
        case .create, .edit, .delete, .fallbackOriginPut, .fallbackOriginDelete: .certificatesWrite
        case .certificatePut, .certificateDelete: .certificatesWrite
        case .notificationRead: .notificationsRead
        case .notificationWrite: .notificationsWrite
        }
    }
}

extension SeededRandom {
    /// The first number of the sequence.
    fileprivate var first: UInt64 {
        var copy = self
        return copy.next()
    }
}
