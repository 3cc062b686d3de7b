import ArgumentParser
import Cloudflare
import Dashboard
import Logging

/// The command `usher serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Show jobs, batches and hostnames over HTTP, with health checks and a page.",
        discussion: """
            /livez, /readyz, /v1/jobs/ID, /v1/batches/ID,
            /v1/tenants/TENANT/hostnames/NAME, and a page at /. It only reads.
            Certificates: /v1/sealing-key, /v1/certificates/ID, /v1/tenants/TENANT/certificates. With
            USHER_OPERATOR_TOKEN set, whoever brings it as a bearer token may
            PUT /v1/tenants/TENANT/hostnames/NAME/certificate (its key sealed) and
            DELETE /v1/certificates/ID?reason=….

            With USHER_WEBHOOK_SECRET set, POST /provider/webhook hears the provider's
            certificate events: each is a hint to look at the hostname now.

            EXAMPLE:
              usher serve --port 8080
            """
    )

    @Option(help: "The address to listen on.") var host = "127.0.0.1"
    @Option(help: "The TCP port.") var port = 8080
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let settings = try database.settings()
        try await settings.withDatabase { pool in
            let secret = settings.webhookSecret.flatMap { WebhookSecret($0.reveal()) }
            let server = DashboardServer(
                pool: pool,
                webhookSecret: secret,
                operatorToken: settings.operatorToken.flatMap { WebhookSecret($0.reveal()) },
                logger: settings.logger(.info)
            )
            try await server.run(host: host, port: port)
        }
    }
}
