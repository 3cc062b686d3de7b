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
            /livez, /readyz, /metrics, /v1/jobs?query=FILTER, /v1/jobs/ID, /v1/batches/ID,
            /v1/replays/ID, /v1/pauses, /v1/sealing-key, /v1/certificates/ID,
            /v1/tenants/TENANT/certificates, /v1/tenants/TENANT/hostnames/NAME, and a page
            at /.

            It only reads, unless USHER_OPERATOR_TOKEN is set: then orders that bring it
            as a bearer token are obeyed, and kept in the audit under the name in their
            header Usher-Actor: POST /v1/replays, /v1/replays/ID/halt, resume or cancel,
            /v1/jobs/ID/cancel, /v1/pauses; DELETE /v1/pauses, /v1/certificates/ID?reason=….
            Obeyed too, and kept as the certificate it is: PUT
            /v1/tenants/TENANT/hostnames/NAME/certificate (its key sealed).

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
            let server = DashboardServer(
                pool: pool,
                webhookSecret: settings.webhookSecret.flatMap { SharedSecret($0.reveal()) },
                operatorToken: settings.operatorToken.flatMap { SharedSecret($0.reveal()) },
                logger: settings.logger(.info)
            )
            try await server.run(host: host, port: port)
        }
    }
}
