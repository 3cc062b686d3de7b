import JobQueue
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct ProviderCommandTests {
    private struct Status: Decodable {
        let breaker: Breaker
        let budgets: [Budget]
        let events: [Event]

        struct Breaker: Decodable {
            let state: String
            let reason: String?
        }

        struct Budget: Decodable {
            let name: String
            let left: Int
            let reserveLeft: Int
        }

        struct Event: Decodable {
            let event: String
            let author: String
            let reason: String
        }
    }

    @Test func `the breaker is opened and closed by hand, and both are told of with who did it`() async throws {
        try await CommandFixture.with { fixture in
            let opened = try await fixture.usher(
                "provider",
                "breaker",
                "open",
                "--reason",
                "maintenance",
                "--author",
                "ada"
            )
            #expect(opened.output == "breaker open\n")
            let status = try await fixture.usher("provider", "status", "--json").document(as: Status.self)
            #expect(status.breaker.state == "open")
            #expect(status.breaker.reason == "maintenance")
            let people = try await fixture.usher("provider", "status").output
            #expect(people.contains("maintenance") && people.contains("none: opened by hand"))
            let closed = try await fixture.usher("provider", "breaker", "close", "--reason", "over", "--author", "ada")
            #expect(closed.output == "breaker ramping\n")
            let after = try await fixture.usher("provider", "status", "--json").document(as: Status.self)
            #expect(after.events.map(\.event) == ["closed", "opened"])
            #expect(after.events.map(\.author) == ["ada", "ada"])
            #expect(try await fixture.usher("provider", "breaker", "open").status != 0, "a reason is required")
        }
    }

    @Test func `what is left of each budget is shown`() async throws {
        try await CommandFixture.with { fixture in
            let pool = PostgresPool(TestDatabase.current.settings, size: 1, logger: .quiet)
            defer { pool.close() }
            let budgets = PostgresBudgetStore(pool: pool)
            try await budgets.declare(Budget(name: "calls", quota: 1200, window: .seconds(300), burst: 8, reserve: 4))
            _ = try await budgets.take("calls", units: 5, interactive: false, telling: nil)
            let status = try await fixture.usher("provider", "status", "--json").document(as: Status.self)
            #expect(status.budgets.map(\.name) == ["calls"])
            #expect(status.budgets.first?.left == 1195)
            #expect(status.budgets.first?.reserveLeft == 4)
            #expect(try await fixture.usher("provider", "status").output.contains("1200 in 300 s"))
        }
    }
}
