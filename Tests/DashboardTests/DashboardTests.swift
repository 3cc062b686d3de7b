import Dashboard
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct DashboardTests {
    private func withServer(_ body: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let pool = PostgresPool(TestDatabase.current.settings, size: 2, logger: .quiet)
        let server = DashboardServer(pool: pool, logger: .quiet)
        try await server.application(port: 0).test(.router, body)
    }

    /// A tenant whose name would break a page that does not escape.
    private func enqueue() async throws {
        let connection = try await TestDatabase.current.connect()
        try await connection.transaction { db throws(PostgresError) in
            try db.executeScript(
                """
                insert into usher.tier (name, revision, weight, max_running) values ('free', 1, 1, 1);
                insert into usher.policy (tier, revision, document, checksum, author, reason)
                values ('free', 1, '{}', repeat('a', 64), 'test', 'test');
                select usher.set_tier('acme', 'free', 'e1', 1);
                select usher.enqueue_onboarding('acme', 'shop.acme-usher.com');
                update usher.hostname set standing = 'failed', standing_message = '<script>alert(1)</script>';
                """
            )
        }
        await connection.close()
    }

    @Test func `health answers, and readiness asks the database`() async throws {
        let connection = try await TestDatabase.current.connect()
        let migrations = try await connection.session { db throws(PostgresError) in
            try db.one("select count(*) from public.usher_migrations", as: Int.self)
        }
        await connection.close()
        try await withServer { client in
            try await client.execute(uri: "/livez", method: .get) { #expect($0.status == .ok) }
            try await client.execute(uri: "/readyz", method: .get) { response in
                #expect(response.status == .ok)
                #expect(migrations > 12)
                #expect(String(buffer: response.body).contains(#""migrations":\#(migrations)}"#))
            }
        }
    }

    @Test func `a job and a hostname are shown as the database tells them`() async throws {
        try await enqueue()
        try await withServer { client in
            try await client.execute(uri: "/v1/jobs/1", method: .get) { response in
                #expect(response.status == .ok)
                #expect(String(buffer: response.body).contains(#""hostname": "shop.acme-usher.com""#))
            }
            try await client.execute(uri: "/v1/tenants/acme/hostnames/SHOP.acme-usher.com.", method: .get) { response in
                #expect(response.status == .ok)
                #expect(String(buffer: response.body).contains(#""standing": "failed""#))
            }
        }
    }

    @Test(arguments: ["/v1/jobs/99", "/v1/batches/99", "/v1/tenants/acme/hostnames/other.acme-usher.com"])
    func `what is not there is a problem document`(uri: String) async throws {
        try await withServer { client in
            try await client.execute(uri: uri, method: .get) { response in
                #expect(response.status == .notFound)
                #expect(response.headers[.contentType] == "application/problem+json")
            }
        }
    }

    @Test func `a monitoring system reads the queue in numbers, without a tenant's name`() async throws {
        try await enqueue()
        try await withServer { client in
            try await client.execute(uri: "/metrics", method: .get) { response in
                let text = String(buffer: response.body)
                #expect(response.status == .ok)
                #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
                let lines = text.split(separator: "\n").map(String.init)
                #expect(lines.contains(#"usher_queue_jobs{place="ready"} 1"#))
                #expect(lines.contains(#"usher_queue_tier_jobs{tier="free",place="ready"} 1"#))
                #expect(lines.contains(#"usher_workers{state="alive"} 0"#))
                #expect(lines.contains("# TYPE usher_stale_settlements_total counter"))
                #expect(!text.contains("acme"))
                // Each line is a comment or a name, labels and a number.
                let form = #/(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?[0-9.e+-]+)/#
                for line in lines { #expect(line.wholeMatch(of: form) != nil, "\(line)") }
            }
        }
    }

    @Test func `the page shows counts that were taken before, not those of the moment`() async throws {
        try await enqueue()
        try await withServer { client in
            for _ in 0..<2 {
                try await client.execute(uri: "/", method: .get) { response in
                    #expect(String(buffer: response.body).contains("<td>free</td><td>failed</td><td>1</td>"))
                }
                let connection = try await TestDatabase.current.connect()
                _ = try await connection.session { db throws(PostgresError) in
                    try db.execute("update usher.hostname set standing = 'queued'")
                }
                await connection.close()
            }
        }
    }

    @Test func `the page escapes what it shows`() async throws {
        try await enqueue()
        try await withServer { client in
            try await client.execute(uri: "/", method: .get) { response in
                let page = String(buffer: response.body)
                #expect(response.status == .ok)
                #expect(page.contains("&lt;script&gt;"))
                #expect(!page.contains("<script>"))
            }
        }
    }
}
