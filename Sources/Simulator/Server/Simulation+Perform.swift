extension Simulation {
    /// Does what an admitted call asks for, as far as its fault lets it.
    mutating func perform(
        _ route: APIRoute,
        _ request: APIRequest,
        _ body: APIValue?,
        fault: Fault?,
        now: VirtualInstant
    ) -> Exchange {
        if fault == .closedBeforeCommit { return Exchange(answer: nil) }
        if let refused = fault.flatMap(answerInstead) { return Exchange(answer: refused) }
        var answer = commit(route, request, body, fault?.distortion ?? WriteDistortion(), now: now)
        if route.operation == .create, answer.status == 201 { limits.countCertificate(now: now) }
        if case .unknownStatus(let status) = fault { answer.overwriteStatus(with: status) }
        guard case .slow(let seconds) = fault else { return Exchange(answer: answer) }
        return Exchange(answer: answer, delaySeconds: seconds)
    }

    private func answerInstead(_ fault: Fault) -> APIAnswer? {
        switch fault {
        case .throttled(let retryAfter):
            return .throttled(retryAfter)
        case .internalError: return .refusal(.internalError)
        case .notModifiable: return .refusal(.notModifiable)
        case .badGateway: return APIAnswer(status: 502, body: .html(Self.badGatewayPage))
        default: return nil
        }
    }

    private static let badGatewayPage = """
        <!DOCTYPE html>
        <html><head><title>502 Bad Gateway</title></head>
        <body><center><h1>502 Bad Gateway</h1></center><hr><center>cloudflare</center></body></html>
        """

    private mutating func commit(
        _ route: APIRoute,
        _ request: APIRequest,
        _ body: APIValue?,
        _ distortion: WriteDistortion,
        now: VirtualInstant
    ) -> APIAnswer {
        if route.operation == .tokenVerify { return verified(request) }
        if let account = route.account, account != self.account { return .refusal(.noRoute(request.path)) }
        if let zone = route.zone, zone != self.zone.id { return .refusal(.noRoute(request.path)) }
        guard route.operation != .unknown else { return .refusal(.noRoute(request.path)) }
        let subject = route.subject ?? ""
        return switch route.operation {
        case .create: zone.create(body, now: now, distortion: distortion)
        case .list: zone.list(request.query, now: now)
        case .get: zone.get(id: subject, now: now)
        case .edit: zone.edit(id: subject, body, now: now, distortion: distortion)
        case .delete: zone.delete(id: subject, now: now)
        case .quota: zone.quotaAnswer(now: now)
        case .fallbackOriginGet: zone.fallbackOriginAnswer(now: now)
        case .fallbackOriginPut: zone.putFallbackOrigin(body, now: now)
        case .fallbackOriginDelete: zone.deleteFallbackOrigin(now: now)
        case .settingGet: zone.setting(subject)
        case .settingEdit: zone.editSetting(subject, body, now: now)
        case .accessRead, .accessWrite: accessed(route, request, body, now: now)
        case .tokenVerify, .unknown: .refusal(.noRoute(request.path))
        }
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
        let token = request.authorization?.split(separator: " ").last.flatMap(token)
        let result: APIValue = ["id": .stringOrEmpty(token?.id), "status": "active"]
        let message: APIValue = ["code": 10_000, "message": "This API Token is valid and active", "type": .null]
        return .success(result, messages: [message])
    }
}

extension APIAnswer {
    fileprivate static func throttled(_ retryAfter: Fault.RetryAfter) -> APIAnswer {
        var answer = APIAnswer.refusal(.throttled)
        switch retryAfter {
        case .absent: break
        case .seconds(let seconds): answer.headers.append(.init(name: "Retry-After", value: String(seconds)))
        case .date(let seconds): answer.retryDateSeconds = seconds
        }
        return answer
    }

    /// Writes a status that no document lists into the result, or into each row of it.
    fileprivate mutating func overwriteStatus(with status: String) {
        guard case .json(var value) = body, let result = value["result"] else { return }
        value["result"] = result.array.map { .array($0.map { $0.withStatus(status) }) } ?? result.withStatus(status)
        body = .json(value)
    }
}

extension APIValue {
    fileprivate func withStatus(_ status: String) -> APIValue {
        guard self["status"] != nil else { return self }
        var copy = self
        copy["status"] = .string(status)
        if var ssl = self["ssl"] {
            ssl["status"] = .string(status)
            copy["ssl"] = ssl
        }
        return copy
    }
}
