/// The provider's answer to one call, with what the request log wants to know about it.
package struct APIAnswer: Hashable, Sendable {
    /// The body: the API's JSON, or the page of a gateway that stands before it.
    package enum Body: Hashable, Sendable {
        case json(APIValue)
        case html(String)
    }

    /// One header; names are not case-sensitive.
    package struct Header: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    /// How a connection ends without an answer.
    package enum HangUp: Hashable, Sendable {
        case close
        /// With a TCP reset, as when a router forgot the connection.
        case reset
    }

    /// How the body is sent.
    package enum Delivery: Hashable, Sendable {
        case whole
        case cut
        case padded(bytes: Int)
        /// Piece by piece over so many virtual seconds.
        case dribbled(seconds: Double)
    }

    /// The HTTP status.
    package var status: Int
    package var body: Body
    package var headers: [Header] = []
    package var delivery = Delivery.whole
    /// A `Retry-After` to be written as a date: client's seconds from when the answer is sent.
    var retryDateSeconds: Int?
    /// The hostname the call was about, where that is known.
    var hostname: String?
    /// True if the call was an edit that asked for what was there already.
    var isEqualPatch = false
    /// True if the call brought about a certificate, so far as the second limit counts them.
    var countsAsCertificate = false

    /// An answer without headers.
    package init(status: Int, body: Body, hostname: String? = nil) {
        self.status = status
        self.body = body
        self.hostname = hostname
    }

    /// The JSON body, or `null` if the body is a page.
    package var json: APIValue {
        guard case .json(let value) = body else { return .null }
        return value
    }

    /// The first error code of the envelope, if the answer is a refusal.
    package var errorCode: Int? { json["errors"]?[0]?["code"]?.integer }

    /// The value of a header, the first if there are several.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    static func success(
        _ result: APIValue,
        status: Int = 200,
        messages: [APIValue] = [],
        resultInfo: APIValue? = nil,
        hostname: String? = nil
    ) -> APIAnswer {
        var envelope: APIValue = ["success": true, "errors": [], "messages": .array(messages), "result": result]
        envelope["result_info"] = resultInfo
        return APIAnswer(status: status, body: .json(envelope), hostname: hostname)
    }

    static func refusal(_ refusal: APIRefusal, hostname: String? = nil) -> APIAnswer {
        let envelope: APIValue = [
            "success": false, "errors": [refusal.wire], "messages": [], "result": .null,
        ]
        return APIAnswer(status: refusal.status, body: .json(envelope), hostname: hostname)
    }

    /// Runs one call and turns its refusal into an answer.
    static func of(_ call: () throws(APIRefusal) -> APIAnswer) -> APIAnswer {
        do {
            return try call()
        } catch {
            return .refusal(error)
        }
    }
}
