extension Simulation {
    /// Does what an admitted call asks for, as far as its fault lets it.
    mutating func perform(
        _ route: APIRoute,
        _ request: APIRequest,
        _ body: APIValue?,
        fault: Fault?,
        now: VirtualInstant
    ) -> Exchange {
        if let hangUp = fault?.hangUp { return Exchange(answer: nil, hangUp: hangUp) }
        if let refused = fault?.answerInstead { return Exchange(answer: refused) }
        if fault == .echoed {
            let quote = String(decoding: request.body, as: UTF8.self)
            return Exchange(answer: .refusal(APIRefusal(400, 1_434, "The SSL attribute is invalid: \(quote)")))
        }
        var distortion = fault?.distortion ?? WriteDistortion()
        if distortion.staleSeconds == nil, zone.timings.readLag > 0 { distortion.staleSeconds = zone.timings.readLag }
        zone.keepsEvents = notifications.hasListener
        var answer = commit(route, request, body, distortion, now: now)
        if zone.keepsEvents { notifications.announce(&zone.events, of: zone, account: account) }
        let isCreated = route.operation == .create && answer.status < 300
        if isCreated || answer.countsAsCertificate { limits.countCertificate(now: now) }
        fault?.spoil(&answer)
        guard case .slow(let seconds) = fault else { return Exchange(answer: answer) }
        return Exchange(answer: answer, delaySeconds: seconds)
    }

    private mutating func commit(
        _ route: APIRoute,
        _ request: APIRequest,
        _ body: APIValue?,
        _ distortion: WriteDistortion,
        now: VirtualInstant
    ) -> APIAnswer {
        let noRoute = APIAnswer.refusal(.noRoute(request.path))
        if let account = route.account, account != self.account { return noRoute }
        if let zone = route.zone, zone != self.zone.id { return noRoute }
        switch route.operation {
        case .tokenVerify: return verified(request)
        case .notificationRead, .notificationWrite:
            return notifications.answer(request.method, route.rest, body, now: now) ?? noRoute
        case .accessRead, .accessWrite: return accessed(route, request, body, now: now)
        case .unknown: return noRoute
        default: break
        }
        return zone.answer(route, request, body, distortion, now: now) ?? noRoute
    }

    private mutating func accessed(
        _ route: APIRoute,
        _ request: APIRequest,
        _ body: APIValue?,
        now: VirtualInstant
    ) -> APIAnswer {
        let hostnames = zone.hostnames
        let answer = access.answer(request.method, route.rest, body, now: now) { hostnames[name: $0] != nil }
        return answer ?? .refusal(.noRoute(request.path))
    }

    /// Messages are objects here and plain strings in the custom hostname calls, as the reference has it.
    private func verified(_ request: APIRequest) -> APIAnswer {
        let token = presented(request)
        let status = token?.status ?? .active
        let result: APIValue = ["id": .stringOrEmpty(token?.id), "status": .string(status.rawValue)]
        let message: APIValue = [
            "code": 10_000, "message": "This API Token is valid and \(status.rawValue)", "type": .null,
        ]
        return .success(result, messages: [message])
    }
}

extension SimulatedZone {
    /// The answer to a call on this zone; `nil` if it is none.
    fileprivate mutating func answer(
        _ route: APIRoute,
        _ request: APIRequest,
        _ body: APIValue?,
        _ distortion: WriteDistortion,
        now: VirtualInstant
    ) -> APIAnswer? {
        let subject = route.subject ?? ""
        return switch route.operation {
        case .create: create(body, now: now, distortion: distortion)
        case .list: list(request.query, now: now)
        case .get: get(id: subject, now: now)
        case .edit: edit(id: subject, body, now: now, distortion: distortion)
        case .delete: delete(id: subject, now: now)
        case .certificatePut: replaceCertificate(route.certificatePlace, body, now: now)
        case .certificateDelete: deleteCertificate(route.certificatePlace, now: now)
        case .quota: quotaAnswer(now: now)
        case .fallbackOriginGet: fallbackOriginAnswer(now: now)
        case .fallbackOriginPut: putFallbackOrigin(body, now: now)
        case .fallbackOriginDelete: deleteFallbackOrigin(now: now)
        case .settingGet: setting(subject)
        case .settingEdit: editSetting(subject, body, now: now)
        case .delegationGet: delegationAnswer()
        case .tokenVerify, .notificationRead, .notificationWrite, .accessRead, .accessWrite, .unknown: nil
        }
    }
}
