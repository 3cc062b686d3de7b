extension Fault {
    /// The answer that takes the place of doing anything; `nil` if the call is done.
    var answerInstead: APIAnswer? {
        switch self {
        case .throttled(let retryAfter): .throttled(retryAfter)
        case .internalError: .refusal(.internalError)
        case .forbidden: .refusal(APIRefusal(403, 10_000, "Authentication error"))
        case .notModifiable: .refusal(.notModifiable)
        case .badGateway: .gateway(502)
        case .gateway(let status): .gateway(status)
        case .redirect(let location): .redirect(location)
        default: nil
        }
    }

    /// Spoils the answer to a call that was done.
    func spoil(_ answer: inout APIAnswer) {
        switch self {
        case .slowBody(let seconds): answer.delivery = .dribbled(seconds: seconds)
        case .truncated: answer.delivery = .cut
        case .huge(let bytes): answer.delivery = .padded(bytes: bytes)
        case .successStatus(let status) where answer.status < 300: answer.status = status
        case .unknownStatus(let status): answer.changeRows { $0.withStatus(status) }
        case .extraFields: answer.changeRows { $0.withExtraFields }
        case .nulls: answer.changeRows { $0.withNulls }
        case .otherMessages: answer.turnMessages()
        default: break
        }
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

    fileprivate static func gateway(_ status: Int) -> APIAnswer {
        let title = status == 502 ? "502 Bad Gateway" : "\(status) Gateway"
        let page = """
            <!DOCTYPE html>
            <html><head><title>\(title)</title></head>
            <body><center><h1>\(title)</h1></center><hr><center>cloudflare</center></body></html>
            """
        return APIAnswer(status: status, body: .html(page))
    }

    fileprivate static func redirect(_ location: String) -> APIAnswer {
        var answer = APIAnswer(status: 307, body: .html("<!DOCTYPE html><html><body>moved</body></html>"))
        answer.headers.append(Header(name: "Location", value: location))
        return answer
    }

    /// Changes the result, or each row of it.
    fileprivate mutating func changeRows(_ change: (APIValue) -> APIValue) {
        guard case .json(var value) = body, let result = value["result"] else { return }
        value["result"] = result.array.map { .array($0.map(change)) } ?? change(result)
        body = .json(value)
    }

    fileprivate mutating func turnMessages() {
        guard case .json(var value) = body, let messages = value["messages"]?.array else { return }
        let said = messages.isEmpty ? ["nothing of interest"] : messages
        value["messages"] = .array(
            said.map { message in
                message.string.map { ["code": 10_000, "message": .string($0), "type": .null] }
                    ?? message["message"] ?? .null
            }
        )
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

    fileprivate var withExtraFields: APIValue {
        guard case .object(var members) = self else { return self }
        for (key, value) in members where value.object != nil { members[key] = value.withExtraFields }
        members["field_of_tomorrow"] = ["nested": [1, "two", .null]]
        return .object(members)
    }

    private static let optional = [
        "custom_metadata", "custom_origin_server", "custom_origin_sni", "verification_errors",
        "ownership_verification", "ownership_verification_http",
    ]

    fileprivate var withNulls: APIValue {
        guard case .object(var members) = self, members["hostname"] != nil else { return self }
        for key in Self.optional where members[key] == nil { members[key] = .null }
        if var ssl = members["ssl"]?.object {
            for (key, value) in ssl where value == "" { ssl[key] = .null }
            for key in ["validation_records", "validation_errors"] where ssl[key] == nil { ssl[key] = .null }
            members["ssl"] = .object(ssl)
        }
        return .object(members)
    }
}
