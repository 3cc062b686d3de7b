package import AsyncHTTPClient
package import Foundation

/// The provider's HTTP API, typed.
///
/// Every function sends one request and returns one ``Answer`` or throws one ``CloudflareError``. There is no retry
/// here: only the worker knows the budget, the lease and what a second try would cost. Each request is one debug line
/// of `Logger.current`, without bodies and without the token.
package struct CloudflareClient: Sendable {
    let settings: CloudflareSettings
    let http: HTTPClient
    let errors: ErrorTable
    let now: @Sendable () -> Date

    /// Makes a client.
    ///
    /// - Parameters:
    ///   - settings: Where and as whom to call.
    ///   - http: Made with ``CloudflareSettings/httpConfiguration``; its owner shuts it down.
    ///   - errors: What its refusals mean.
    ///   - now: Our time, against which a `Retry-After` date is counted if the answer bears no date.
    package init(
        settings: CloudflareSettings,
        http: HTTPClient,
        errors: ErrorTable = .standard,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.settings = settings
        self.http = http
        self.errors = errors
        self.now = now
    }
}
