import Dashboard
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct OperatorTests {
    private static let token = "a-token-of-the-operator"

    private func withServer(
        token: String? = Self.token,
        _ body: @Sendable (OperatorClient) async throws -> Void
    ) async throws {
        let pool = PostgresPool(TestDatabase.current.settings, size: 2, logger: .quiet)
        let server = DashboardServer(pool: pool, operatorToken: token.flatMap(SharedSecret.init), logger: .quiet)
        try await server.application(port: 0).test(.router) { try await body(OperatorClient(client: $0)) }
        pool.close()
    }

    /// Thirty dead jobs of one tenant, and one that is ready.
    private func makeJobs() async throws {
        try await run(
            """
            insert into usher.tier (name, revision, weight, max_running) values ('free', 1, 1, 1);
            insert into usher.policy (tier, revision, document, checksum, author, reason)
            values ('free', 1, '{}', repeat('a', 64), 'test', 'test');
            select usher.set_tier('acme', 'free', 'e1', 1);
            select usher.enqueue_onboarding('acme', 's' || n || '.shop.com') from generate_series(1, 30) as n;
            with gone as (delete from usher.ready returning job_id)
            insert into usher.ended (job_id, state, outcome, error_class, message, actor, attempts)
            select job_id, 'failed', 'failed', 'provider_down', 'no', 'provider', 1 from gone;
            delete from usher.live;
            select usher.enqueue_onboarding('acme', 'ready.shop.com');
            """
        )
    }

    private func run(_ script: String) async throws {
        let connection = try await TestDatabase.current.connect()
        try await connection.transaction { db throws(PostgresError) in
            try db.executeScript(Statement(verbatim: script).sql)
        }
        await connection.close()
    }

    @Test func `orders need the token, and are off without one`() async throws {
        try await withServer(token: nil) { client in
            let answer = try await client.post("/v1/replays", #"{"query": "state=dead", "reason": "x"}"#)
            #expect(answer.status == .forbidden)
            #expect(answer.text.contains("USHER_OPERATOR_TOKEN"))
        }
        try await withServer { client in
            for wrong in [nil, "Bearer", "Bearer ", "Bearer wrong", Self.token, "Basic \(Self.token)"] as [String?] {
                let answer = try await client.post("/v1/replays", "{}", authorization: wrong)
                #expect(answer.status == .unauthorized)
                #expect(!answer.text.contains(Self.token))
            }
        }
    }

    @Test func `a replay is previewed, started, watched, halted, resumed and cancelled`() async throws {
        try await makeJobs()
        try await withServer { client in
            let query = #""query": "state = dead AND error_class = provider_down""#
            let preview = try await client.post("/v1/replays", "{\(query), \"dry_run\": true}")
            #expect(preview.status == .ok)
            #expect(preview.text.contains(#""selected": 30"#))
            let started = try await client.post(
                "/v1/replays",
                "{\(query), \"reason\": \"outage over\", \"canary\": 10, \"per_minute\": 600, \"expected\": 30}"
            )
            #expect(started.status == .created, "\(started.text)")
            #expect(started.text.contains(#""state": "canary""#))
            #expect(started.text.contains(#""queued": 10"#))
            #expect(try await client.get("/v1/replays/1").text.contains(#""left": 20"#))
            for (word, state) in [("halt", "halted"), ("resume", "canary"), ("cancel", "cancelled")] {
                let answer = try await client.post("/v1/replays/1/\(word)", #"{"reason": "by hand"}"#)
                #expect(answer.text == #"{"state": "\#(state)"}"# + "\n")
            }
            let late = try await client.post("/v1/replays/1/resume", #"{"reason": "by hand"}"#)
            #expect(late.status == .conflict)
            #expect(late.text.contains("UE052"))
            #expect(try await client.post("/v1/replays/9/halt", #"{"reason": "x"}"#).status == .notFound)
            #expect(try await client.get("/v1/replays/9").status == .notFound)
        }
        let connection = try await TestDatabase.current.connect()
        let actors = try await connection.session { db throws(PostgresError) in
            try db.query("select distinct actor from usher.audit", as: String.self)
        }
        #expect(actors == ["maria"])
        await connection.close()
    }

    @Test(arguments: [
        (#"{"query": "stat = dead", "reason": "x"}"#, 422, "column 1: there is no field"),
        (#"{"query": "state = dead"}"#, 422, "reason: a text is required"),
        (#"{"query": "state = dead", "reason": "x", "canari": 3}"#, 422, "There is no field canari"),
        (#"{"query": "state = dead", "reason": "x", "canary": "3"}"#, 422, "canary: a number is expected"),
        (#"{"query": "state = dead", "reason": "x", "canary": 1.5}"#, 422, "canary: a whole number"),
        (#"{"query": "state = dead", "reason": "x", "halt_at": 5}"#, 422, "halt_at 0 to 1"),
        (#"{"query": "state = dead", "reason": "x", "expected": 5}"#, 409, "UE053"),
        (#"["query"]"#, 400, "no JSON object"),
    ])
    func `an order that is not understood is a problem document`(body: String, status: Int, text: String) async throws {
        try await makeJobs()
        try await withServer { client in
            let answer = try await client.post("/v1/replays", body)
            #expect(answer.status.code == status, "\(answer.text)")
            #expect(answer.text.contains(text), "\(answer.text)")
            #expect(answer.contentType == "application/problem+json")
        }
    }

    @Test func `jobs are read in pages, by a filter`() async throws {
        try await makeJobs()
        try await withServer { client in
            var numbers: [Int] = []
            var cursor: String?
            repeat {
                let uri = "/v1/jobs?query=state%20%3D%20dead&limit=12" + (cursor.map { "&cursor=\($0)" } ?? "")
                let answer = try await client.get(uri)
                #expect(answer.status == .ok, "\(answer.text)")
                let page = try JSONDecoder().decode(Page.self, from: Data(answer.text.utf8))
                numbers += page.jobs.map(\.job_id)
                cursor = page.next_cursor
            } while cursor != nil && numbers.count < 100
            #expect(numbers == Array(1...30).reversed())
            #expect(try await client.get("/v1/jobs").text.contains("ready.shop.com"))
            #expect(try await client.get("/v1/jobs?query=stat").status == .unprocessableContent)
            #expect(try await client.get("/v1/jobs?limit=0").status == .unprocessableContent)
            #expect(try await client.get("/v1/jobs?cursor=x").status == .unprocessableContent)
        }
    }

    private struct Page: Decodable {
        var jobs: [Job]
        var next_cursor: String?

        struct Job: Decodable {
            var job_id: Int
        }
    }

    @Test func `a tenant is paused, shown and resumed`() async throws {
        try await makeJobs()
        try await withServer { client in
            let order = #"{"scope": "tenant", "name": "acme", "reason": "DNS moves", "until": "2099-01-01T00:00:00Z"}"#
            let paused = try await client.post("/v1/pauses", order)
            #expect(paused.status == .created, "\(paused.text)")
            #expect(try await client.get("/v1/pauses").text.contains("DNS moves"))
            #expect(try await client.delete("/v1/pauses?scope=tenant&name=acme").status == .unprocessableContent)
            let resumed = try await client.delete("/v1/pauses?scope=tenant&name=acme&reason=moved")
            #expect(resumed.text == #"{"resumed": true}"# + "\n")
            #expect(try await client.get("/v1/pauses").text == #"{"pauses": []}"# + "\n")
            let bad = try await client.post("/v1/pauses", #"{"scope": "all", "until": "soon", "reason": "x"}"#)
            #expect(bad.status == .unprocessableContent, "\(bad.text)")
        }
    }

    @Test func `a job is cancelled`() async throws {
        try await makeJobs()
        try await withServer { client in
            let answer = try await client.post("/v1/jobs/31/cancel", #"{"reason": "asked for"}"#)
            #expect(answer.text == #"{"state": "cancelled"}"# + "\n")
        }
    }
}

/// Calls as an operator makes them.
struct OperatorClient: Sendable {
    let client: any TestClientProtocol

    struct Answer: Sendable {
        let status: HTTPResponse.Status
        let contentType: String?
        let text: String
    }

    func post(
        _ uri: String,
        _ body: String,
        authorization: String? = "Bearer a-token-of-the-operator"
    ) async throws -> Answer {
        var headers = HTTPFields()
        headers[.authorization] = authorization
        headers[try #require(HTTPFields.Element.Name("Usher-Actor"))] = "maria"
        return try await call(uri, .post, headers, ByteBuffer(string: body))
    }

    func get(_ uri: String) async throws -> Answer {
        try await call(uri, .get, [:], nil)
    }

    func delete(_ uri: String) async throws -> Answer {
        try await call(uri, .delete, [.authorization: "Bearer a-token-of-the-operator"], nil)
    }

    private func call(
        _ uri: String,
        _ method: HTTPRequest.Method,
        _ headers: HTTPFields,
        _ body: ByteBuffer?
    ) async throws -> Answer {
        try await client.execute(uri: uri, method: method, headers: headers, body: body) { response in
            Answer(
                status: response.status,
                contentType: response.headers[.contentType],
                text: String(buffer: response.body)
            )
        }
    }
}
