package import Hummingbird
package import Logging
package import Postgres

/// The HTTP face of Usher for programs and people: health, where a job, batch or hostname stands, one page.
///
/// It reads; the only way in for work is the SQL API and the command line. The provider may tell it when to look, and
/// an operator who brings the token may order.
package struct DashboardServer: Sendable {
    private let pool: PostgresPool
    private let webhook: ProviderWebhook
    private let orders: OperatorRoutes
    private let certificates: CertificateRoutes
    private let logger: Logger

    /// - Parameters:
    ///   - webhookSecret: What the provider's webhooks must bring; without it none is heard.
    ///   - operatorToken: What orders must bring; without it none is obeyed.
    package init(
        pool: PostgresPool,
        webhookSecret: SharedSecret? = nil,
        operatorToken: SharedSecret? = nil,
        logger: Logger
    ) {
        self.pool = pool
        orders = OperatorRoutes(pool: pool, token: operatorToken)
        certificates = CertificateRoutes(pool: pool) { SharedSecret.refusal(of: $0, unless: operatorToken) }
        webhook = ProviderWebhook(pool: pool, secret: webhookSecret)
        self.logger = logger
    }

    /// Serves until graceful shutdown or cancellation.
    ///
    /// - Throws: If the port cannot be bound.
    package func run(host: String = "127.0.0.1", port: Int) async throws {
        try await application(host: host, port: port).runService()
    }

    /// The application without anybody to run it, for tests.
    package func application(
        host: String = "127.0.0.1",
        port: Int
    ) -> Application<RouterResponder<BasicRequestContext>> {
        Application(
            router: router(),
            configuration: .init(address: .hostname(host, port: port), serverName: "usher"),
            logger: logger
        )
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("livez") { _, _ in "ok\n" }
        router.get("readyz") { _, _ in
            await self.answer { db throws(PostgresError) in try self.ready(db) }
        }
        router.get("v1/jobs") { request, _ in
            do throws(Problem) {
                let page = try JobPage(request)
                return await self.answer(page.statement)
            } catch {
                return error.response()
            }
        }
        router.get("v1/jobs/:job") { _, context in
            let job = try context.parameters.require("job", as: Int64.self)
            return await self.answer("select usher.job_status(\(job))")
        }
        router.get("v1/batches/:batch") { _, context in
            let batch = try context.parameters.require("batch", as: Int64.self)
            return await self.answer("select usher.batch_progress(\(batch))")
        }
        router.get("v1/tenants/:tenant/hostnames/:hostname") { _, context in
            let tenant = try context.parameters.require("tenant")
            let hostname = try context.parameters.require("hostname")
            return await self.answer("select usher.hostname_status(\(tenant), \(hostname))")
        }
        router.get("v1/replays/:replay") { _, context in
            let replay = try context.parameters.require("replay", as: Int64.self)
            return await self.answer("select usher.replay_status(\(replay))")
        }
        router.get("v1/pauses") { _, _ in
            await self.answer(OperatorRoutes.pauses)
        }
        orders.add(to: router)
        certificates.add(to: router)
        router.post("provider/webhook") { request, context in
            await self.webhook.hear(request, context.logger)
        }
        router.get("metrics") { _, _ in
            await MetricsPage.response(from: self.pool)
        }
        router.get("/") { _, _ in
            await OverviewPage.response(from: self.pool)
        }
        return router
    }

    private func ready(_ db: borrowing Session) throws(PostgresError) -> JSONText {
        let migrations = try db.one("select count(*) from public.usher_migrations", as: Int.self)
        return JSONText(#"{"status":"ready","migrations":\#(migrations)}"#)
    }

    private func answer(_ statement: Statement) async -> Response {
        await answer { db throws(PostgresError) in
            try db.query(statement, as: JSONText?.self).first ?? nil
        }
    }

    /// What the database answers, as JSON; its refusal as a problem document.
    private func answer(
        _ body: @escaping @Sendable (borrowing Session) throws(PostgresError) -> JSONText?
    ) async -> Response {
        do throws(PostgresError) {
            guard let document = try await pool.session(body) else { return Problem.absent.response() }
            return Response(json: document)
        } catch {
            return Problem(error).response()
        }
    }
}

extension Response {
    /// A document the database has made.
    init(json document: JSONText, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        var headers = headers
        headers[.contentType] = "application/json"
        let body = ByteBuffer(string: document.text + "\n")
        self.init(status: status, headers: headers, body: .init(byteBuffer: body))
    }
}

extension Problem {
    static let absent = Problem(type: "about:blank", title: "No such thing", status: 404)
}
