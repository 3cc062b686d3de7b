import Hummingbird

extension SharedSecret {
    /// Why a request that wants to change something is not obeyed; `nil` if it brings the operator's token.
    static func refusal(of request: Request, unless token: SharedSecret?) -> Response? {
        guard let token else {
            return Problem(
                type: "about:blank",
                title: "Orders over HTTP are off",
                status: 403,
                detail: "no operator token is configured",
                hint: "set USHER_OPERATOR_TOKEN where usher serve runs"
            ).response()
        }
        let sent = request.headers[.authorization] ?? ""
        if sent.hasPrefix("Bearer "), token.matches(String(sent.dropFirst("Bearer ".count))) { return nil }
        var response = Problem(type: "about:blank", title: "The token is missing or wrong", status: 401).response()
        response.headers[.wwwAuthenticate] = "Bearer"
        return response
    }
}
