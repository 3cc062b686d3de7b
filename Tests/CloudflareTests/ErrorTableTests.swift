import Cloudflare
import Testing

struct ErrorTableTests {
    private func refused(_ call: ProviderCall, _ status: Int, _ codes: Int...) -> CloudflareError {
        let errors = codes.map { ProviderMessage(code: $0, message: "m") }
        return CloudflareError(call: call, fault: .refused(status: status, errors: errors))
    }

    /// Call, HTTP status, number, class and who must act, as the documentation and field reports have them.
    static let rows: [(ProviderCall, Int, Int, ErrorClass, ResponsibleActor)] = [
        (.createHostname, 409, 1_406, .conflict, .us), (.editHostname, 409, 1_439, .conflict, .us),
        (.getHostname, 404, 1_436, .gone, .us), (.editHostname, 404, 1_436, .gone, .us),
        (.createHostname, 403, 1_404, .notEntitled, .operator), (.createHostname, 400, 1_404, .notEntitled, .operator),
        (.createHostname, 403, 1_405, .notEntitled, .operator), (.editHostname, 400, 1_459, .notEntitled, .operator),
        (.editHostname, 400, 1_434, .rejected, .us), (.editHostname, 400, 1_440, .rejected, .us),
        (.editHostname, 400, 1_425, .rejected, .operator), (.editHostname, 400, 1_442, .rejected, .operator),
        (.editHostname, 400, 1_443, .rejected, .operator), (.createHostname, 400, 1_410, .rejected, .tenant),
        (.createHostname, 400, 1_429, .rejected, .tenant), (.createHostname, 400, 1_441, .rejected, .tenant),
        (.createHostname, 400, 1_446, .rejected, .tenant), (.createHostname, 400, 1_447, .rejected, .tenant),
        (.createHostname, 500, 1_500, .transient, .provider), (.verifyToken, 401, 1_000, .credentials, .operator),
        (.getHostname, 400, 6_003, .credentials, .operator), (.getHostname, 403, 10_000, .credentials, .operator),
        (.readZoneSetting, 403, 9_109, .credentials, .operator), (.getHostname, 404, 7_003, .rejected, .operator),
        (.getHostname, 429, 971, .throttled, .us), (.getHostname, 400, 10_100, .throttled, .us),
        (.createHostname, 429, 1_404, .throttled, .us), (.editHostname, 200, 1_442, .rejected, .operator),
        (.editZoneSetting, 403, 1_450, .notEntitled, .operator),
        (.createSigningRequest, 403, 1_404, .notEntitled, .operator),
        (.createSigningRequest, 400, 1_409, .rejected, .operator),
        (.createSigningRequest, 400, 1_415, .rejected, .tenant), (.getSigningRequest, 404, 1_419, .gone, .us),
        (.deleteSigningRequest, 409, 1_420, .conflict, .operator),
        (.createSigningRequest, 500, 1_500, .transient, .provider),
        (.createAccessCertificate, 400, 12_130, .notEntitled, .operator),
        (.editAccessSettings, 409, 12_132, .transient, .provider), (.getAccessCertificate, 404, 12_135, .gone, .us),
        (.editAccessSettings, 400, 12_036, .rejected, .operator), (.readFallbackOrigin, 404, 1_436, .gone, .us),
        (.replaceCertificate, 400, 1_429, .rejected, .tenant),
    ]

    @Test(arguments: rows)
    func `a known number has its class and actor`(
        _ row: (call: ProviderCall, status: Int, code: Int, class: ErrorClass, actor: ResponsibleActor)
    ) {
        let error = refused(row.call, row.status, row.code)
        #expect(error.class == row.class)
        #expect(error.actor == row.actor)
        #expect(error.code == row.code)
    }

    @Test(arguments: [
        (302, ErrorClass.unknown), (400, .rejected), (401, .credentials), (403, .credentials), (404, .unknown),
        (408, .transient), (409, .conflict), (418, .unknown), (422, .rejected), (429, .throttled), (500, .transient),
        (502, .providerDown), (503, .providerDown), (522, .providerDown), (200, .unknown),
    ])
    func `without a known number the status decides`(_ status: Int, _ class: ErrorClass) {
        #expect(refused(.getHostname, status).class == `class`)
        #expect(refused(.getHostname, status, 99_999).class == `class`)
    }

    @Test func `the numbers of custom hostnames mean nothing at other endpoints`() {
        #expect(refused(.readZoneSetting, 409, 1_406).verdict != refused(.createHostname, 409, 1_406).verdict)
        #expect(refused(.readZoneSetting, 404, 1_436).class == .unknown)
    }

    @Test func `a missing permission is named by the endpoint that asks for it`() {
        #expect(refused(.editZoneSetting, 403, 10_000).verdict.advice.contains("Zone Settings"))
        #expect(refused(.listAccessCertificates, 403, 9_109).verdict.advice.contains("Mutual TLS Certificates"))
        #expect(refused(.listAvailableAlerts, 403, 10_000).verdict.advice.contains("Notifications"))
        #expect(refused(.getHostname, 403, 9_109).verdict.advice.contains("SSL and Certificates"))
    }

    @Test func `a refusal without a number is known by its text`() {
        let message = "access.api.error.certificate_has_active_associations"
        let fault = CloudflareFault.refused(status: 400, errors: [ProviderMessage(code: nil, message: message)])
        #expect(CloudflareError(call: .deleteAccessCertificate, fault: fault).class == .conflict)
        #expect(CloudflareError(call: .deleteHostname, fault: fault).class == .rejected)
    }

    @Test func `rows of one's own win, and only where they match`() {
        let verdict = ErrorVerdict(class: .transient, actor: .provider, advice: "Wait.", source: "mine:1")
        let rule = ErrorRule(endpoint: .customHostnames, statuses: 400...499, codes: 1_406...1_406, verdict: verdict)
        let table = ErrorTable(overriding: [rule])
        func judged(_ call: ProviderCall, _ status: Int, _ code: Int) -> ErrorVerdict {
            let fault = CloudflareFault.refused(status: status, errors: [ProviderMessage(code: code, message: "m")])
            return CloudflareError(call: call, fault: fault, table: table).verdict
        }
        #expect(judged(.createHostname, 409, 1_406) == verdict)
        #expect(judged(.createHostname, 500, 1_406).class == .transient)
        #expect(judged(.createHostname, 500, 1_406) != verdict)
        #expect(judged(.getSigningRequest, 409, 1_406) != verdict)
        #expect(judged(.createHostname, 404, 1_436).class == .gone)
    }

    @Test func `each row can decide: none is hidden behind those before it`() {
        let rules = ErrorTable.standard.rules
        for (index, rule) in rules.enumerated() {
            let endpoints = rule.endpoint.map { [$0] } ?? ProviderCall.Endpoint.allCases
            let isReached = endpoints.contains { endpoint in
                !rules[..<index].contains { $0.covers(rule, at: endpoint) }
            }
            #expect(isReached, "\(rule)")
        }
    }

    @Test func `a bare 404 is no proof that a hostname is gone`() {
        #expect(refused(.getHostname, 404).class == .unknown)
    }

    @Test func `a failing server is not believed about its reason`() {
        #expect(refused(.getHostname, 503, 10_000).class == .providerDown)
        #expect(refused(.getHostname, 502, 1_436).class == .providerDown)
    }

    @Test func `the cause in an error chain is looked up too`() {
        let error = ProviderMessage(code: 99_999, message: "m", causes: [6_111])
        let fault = CloudflareFault.refused(status: 400, errors: [error])
        #expect(CloudflareError(call: .readQuota, fault: fault).class == .credentials)
    }

    @Test func `a write may have taken effect if the server failed, the answer was lost or cannot be read`() {
        let uncertain: [CloudflareFault] = [
            .refused(status: 500, errors: []), .refused(status: 502, errors: []), .refused(status: 200, errors: []),
            .unreadable(status: 201, .truncated), .unreadable(status: 201, .unexpectedShape),
            .transport(.timedOut, detail: ""), .transport(.connectionLost, detail: ""),
            .transport(.cancelled, detail: ""),
        ]
        let certain: [CloudflareFault] = [
            .refused(status: 400, errors: []), .refused(status: 429, errors: []),
            .refused(status: 200, errors: [ProviderMessage(code: 1_442, message: "")]),
            .transport(.unreachable, detail: ""), .transport(.misconfigured, detail: ""), .invalidRequest(""),
        ]
        for call in ProviderCall.allCases {
            for fault in uncertain {
                #expect(CloudflareError(call: call, fault: fault).isOutcomeUnknown == call.changesState, "\(fault)")
            }
            for fault in certain {
                #expect(!CloudflareError(call: call, fault: fault).isOutcomeUnknown, "\(fault)")
            }
        }
    }

    @Test func `the text names call, number, class, actor and what to do`() {
        let error = CloudflareError(
            call: .createHostname,
            fault: .refused(status: 409, errors: [ProviderMessage(code: 1_406, message: "Duplicate")]),
            ray: "8c1-AMS"
        )
        #expect(
            error.description == "create_hostname: HTTP 409, 1406 Duplicate [conflict, us to act] (cf-ray 8c1-AMS). "
                + "Find the hostname by its exact name; adopt it only if this tenant holds a live claim to it."
        )
    }
}

extension ErrorRule {
    /// Whether it matches all at this endpoint that the other matches.
    fileprivate func covers(_ other: ErrorRule, at place: ProviderCall.Endpoint) -> Bool {
        guard endpoint == nil || endpoint == place, text == nil || text == other.text else { return false }
        guard statuses.contains(other.statuses.lowerBound), statuses.contains(other.statuses.upperBound) else {
            return false
        }
        guard let codes else { return true }
        return other.codes.map { codes.contains($0.lowerBound) && codes.contains($0.upperBound) } ?? false
    }
}
