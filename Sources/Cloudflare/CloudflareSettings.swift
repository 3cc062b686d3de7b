package import AsyncHTTPClient
import NIOCore

/// Where and as whom the provider is called.
package struct CloudflareSettings: Sendable {
    /// Without a slash at its end.
    package var baseURL = "https://api.cloudflare.com/client/v4"
    /// The provider's identifier of the zone that holds the hostnames.
    package var zoneID: String
    /// Set for a token owned by the account, which is verified at another address; `nil` for a user's token.
    package var accountID: String?
    /// Needs the permission SSL and Certificates Write, and Zone Settings Read for the zone's own values.
    package var token: Secret
    /// Longest wait for a connection.
    package var connectTimeout: Duration = .seconds(5)
    /// Longest time for a whole call, the body included.
    package var requestTimeout: Duration = .seconds(30)
    /// Longest answer read.
    ///
    /// A page of 1,000 hostnames is about 3 MB; what is longer is refused, not held in memory.
    package var maximumBodyBytes = 32 * 1_024 * 1_024
    /// Sent as `User-Agent`; the program adds its version.
    package var userAgent = "usher"

    package init(zoneID: String, token: Secret) {
        self.zoneID = zoneID
        self.token = token
    }

    /// How the HTTP client for ``CloudflareClient`` is to be made; its owner shuts it down.
    ///
    /// Redirects are not followed: the API has none, and the token must not go elsewhere. A refused connection is an
    /// error at once, since the worker decides about trying again.
    package var httpConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(connectTimeout), read: TimeAmount(requestTimeout))
        )
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }
}

extension CloudflareSettings {
    /// What makes every call impossible, found before the HTTP client does: its error would quote the token.
    var complaint: String? {
        let isWeb = baseURL.hasPrefix("https://") || baseURL.hasPrefix("http://")
        if !isWeb { return "the base URL is neither https nor http" }
        let token = token.reveal().utf8
        let isSendable = !token.isEmpty && token.allSatisfy { (0x21...0x7E).contains($0) }
        return isSendable ? nil : "the API token is empty or holds a space or line break"
    }
}
