import Foundation
import Hummingbird
import JobQueue
import Postgres

/// Certificates over HTTP: a private key comes in sealed, and goes out in no form.
struct CertificateRoutes: Sendable {
    let pool: PostgresPool
    /// Why this request may not change anything; `nil` if it may.
    let refusal: @Sendable (Request) -> Response?

    /// A chain of 64 KiB, a sealed key of the same size in base64, and what is around them.
    static let largestBody = 256 * 1_024

    func add(to router: Router<BasicRequestContext>) {
        router.get("v1/sealing-key") { _, _ in await answer("select usher.sealing_key()") }
        router.get("v1/certificates/:certificate") { _, context in
            let number = try context.parameters.require("certificate", as: Int64.self)
            return await answer("select usher.certificate_status(\(number))")
        }
        router.get("v1/tenants/:tenant/certificates") { request, context in
            let tenant = try context.parameters.require("tenant")
            let hostname = request.uri.queryParameters["hostname"].map(String.init)
            let withRetired = request.uri.queryParameters["retired"] == "true"
            return await answer("select usher.certificates(\(tenant), \(hostname), \(withRetired))")
        }
        router.put("v1/tenants/:tenant/hostnames/:hostname/certificate") { request, context in
            if let refusal = refusal(request) { return refusal }
            return await put(
                request,
                try context.parameters.require("tenant"),
                try context.parameters.require("hostname")
            )
        }
        router.delete("v1/certificates/:certificate") { request, context in
            if let refusal = refusal(request) { return refusal }
            return await retire(request, try context.parameters.require("certificate", as: Int64.self))
        }
    }

    private func put(_ request: Request, _ tenant: String, _ hostname: String) async -> Response {
        guard let body = try? await request.body.collect(upTo: Self.largestBody) else {
            return Problem(type: "about:blank", title: "The certificate is too long", status: 413).response()
        }
        guard let sent = try? SentCertificate.decoder.decode(SentCertificate.self, from: Data(body.readableBytesView))
        else {
            // What was sent is never told back: it may hold a key that somebody forgot to seal.
            let hint = "chain_pem, sealed_key (base64), key_id, fingerprint, not_before and not_after (RFC 3339)"
            return Problem(type: "about:blank", title: "The body is no certificate", status: 422, hint: hint).response()
        }
        let facts = JSONText("{}")
        let put: Statement = """
            select usher.put_certificate(\(tenant), \(hostname), \(sent.chainPem), \(Array(sent.sealedKey)),
                \(sent.keyId), \(facts), \(sent.fingerprint), \(sent.notBefore)::timestamptz,
                \(sent.notAfter)::timestamptz)
            """
        return await answer(Orders(of: request, pool: pool)) { db throws(PostgresError) in
            let number = try db.one(put, as: Int64.self)
            return try db.one("select usher.certificate_status(\(number))", as: JSONText.self)
        }
    }

    /// A DELETE has no body everywhere; its reason comes in the address.
    private func retire(_ request: Request, _ number: Int64) async -> Response {
        let reason = request.uri.queryParameters["reason"].map(String.init) ?? ""
        let force = request.uri.queryParameters["force"] == "true"
        return await answer(Orders(of: request, pool: pool)) { db throws(PostgresError) in
            try db.one(
                "select jsonb_build_object('retired', usher.retire_certificate(\(number), \(reason), \(force)))",
                as: JSONText.self
            )
        }
    }

    private func answer(_ statement: Statement) async -> Response {
        await answer(Orders(pool: pool, actor: nil)) { db throws(PostgresError) in
            try db.query(statement, as: JSONText?.self).first ?? nil
        }
    }

    private func answer(
        _ orders: Orders,
        _ body: @escaping @Sendable (borrowing Session) throws(PostgresError) -> JSONText?
    ) async -> Response {
        do {
            guard let document = try await orders.give(body) else { return Problem.absent.response() }
            return Response(json: document)
        } catch {
            return Problem(error).response()
        }
    }
}

/// What is put; everything else of it is read off the chain by a worker.
private struct SentCertificate: Decodable {
    let chainPem: String
    let sealedKey: Data
    let keyId: String
    let fingerprint: String
    let notBefore: String
    let notAfter: String

    static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }()
}
