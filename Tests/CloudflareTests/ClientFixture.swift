import AsyncHTTPClient
import Cloudflare
import Foundation
import Testing

/// A key that must never be seen anywhere but in the body of a request.
///
/// It is made up: no key has this form.
let canaryKey = """
    -----BEGIN PRIVATE KEY-----
    Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZ
    Q0FOQVJZQ0FOQVJZ
    -----END PRIVATE KEY-----

    """
/// A piece of every line of the canary key.
let canaryPiece = "Q0FOQVJZ"
let canaryToken = "canary-token_0123456789"

let zone = "023e105f4ecef8ad9ca31a8372d0c353"
let hostnameID = "0d89c70d-ad9f-4843-b99f-6cc0252067e9"

/// Runs a client against a scripted server and stops both.
func withClient<Result>(
    _ steps: StubProvider.Step...,
    configure: (inout CloudflareSettings) -> Void = { _ in },
    _ body: (CloudflareClient, StubProvider) async throws -> Result
) async throws -> Result {
    let stub = try await StubProvider.start(steps)
    var settings = CloudflareSettings(zoneID: zone, token: Secret(canaryToken))
    settings.baseURL = stub.baseURL
    configure(&settings)
    let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings.httpConfiguration)
    let outcome: Swift.Result<Result, any Error>
    do {
        outcome = .success(try await body(CloudflareClient(settings: settings, http: http), stub))
    } catch {
        outcome = .failure(error)
    }
    try await http.shutdown()
    try await stub.stop()
    return try outcome.get()
}

/// The error a call ends with; a test failure if it ends well.
func failure<Value>(_ call: () async throws -> Value) async throws -> CloudflareError {
    do {
        _ = try await call()
    } catch let error as CloudflareError {
        return error
    }
    throw UnexpectedSuccess()
}

struct UnexpectedSuccess: Error {}

/// The JSON object in the body of a recorded request.
func jsonBody(_ request: String) throws -> JSONValue {
    let body = try #require(request.range(of: "\r\n\r\n")).upperBound
    return try JSONDecoder().decode(JSONValue.self, from: Data(request[body...].utf8))
}

/// Decodes a literal as an answer's result.
func decode<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(json.utf8))
}

extension JSONValue {
    /// A member of an object; `nil` for anything else.
    subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }
}
