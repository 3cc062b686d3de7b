import JobQueue
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct FilterTests {
    private let world = OperateWorld()

    private func canonical(_ filter: String) async throws(PostgresError) -> String {
        try await world.pool.session { db throws(PostgresError) in
            try db.one("select usher.filter_text(usher.parse_filter(\(filter)))", as: String.self)
        }
    }

    @Test(arguments: [
        ("state=dead", "state = failed"),
        ("state = failed and attempts>=3", "state = failed AND attempts >= 3"),
        ("  state\tin ( dead ,cancelled)\n", "state in (failed, cancelled)"),
        ("state in (dead, failed)", "state = failed"),
        ("tenant in (t1, t2) AND tier != free", "tenant in (t1, t2) AND tier != free"),
        ("code = 'a b''c' AND code != \"d\"\"e\"", "code = 'a b''c' AND code != 'd\"e'"),
        ("code = 'and'", "code = 'and'"),
        ("hostname = Www.ACME.com.", "hostname = www.acme.com"),
        ("hostname = 'bücher.de'", "hostname = xn--bcher-kva.de"),
        ("error.class = provider_down", "error_class = provider_down"),
        ("batch = 007 AND job < 12", "batch = 7 AND job < 12"),
        ("ended_at >= 2026-03-01T13:00:00+01:00", "ended_at >= 2026-03-01T12:00:00.000000Z"),
        (
            "failed_at < 2026-03-01T12:00:00.5Z AND state = dead",
            "ended_at < 2026-03-01T12:00:00.500000Z AND state = failed"
        ),
        ("{\"tenant\": \"t1\", \"until\": \"2026-03-01T12:00:00Z\"}", nil),
    ])
    func `what is understood is told in one form, which means the same`(filter: String, form: String?) async throws {
        try await world.addTenants(2)
        let once = try await canonical(filter)
        if let form { #expect(once == form) }
        #expect(try await canonical(once) == once)
    }

    @Test(arguments: [
        ("", "filter, column 1: the filter is empty"),
        ("stat = dead", "filter, column 1: there is no field \"stat\" | did you mean state?"),
        ("state = failde", "filter, column 9: there is no state \"failde\" | did you mean failed?"),
        ("state < failed", "filter, column 1: state does not take < | state takes =, !=, in"),
        ("ended_at = -6h", "filter, column 1: ended_at does not take ="),
        ("state = failed OR tenant = t1", "filter, column 16: AND is expected, found OR | AND alone"),
        ("state = failed AND", "filter, column 19: a field is expected at the end"),
        ("state = failed tenant = t1", "filter, column 16: AND is expected, found tenant"),
        ("state", "filter, column 6: an operator is expected after state"),
        ("state ==failed", "filter, column 8: a value is expected, found ="),
        ("state = in", "filter, column 9: a value is expected, found in"),
        ("tenant in t1", "filter, column 11: in is followed by ("),
        ("tenant in (t1 t2)", "filter, column 15: the list of tenant has no end"),
        ("tenant in ()", "filter, column 12: a value is expected, found )"),
        ("tenant = tt1", "filter, column 10: there is no tenant \"tt1\" | did you mean t1?"),
        ("tier = fre", "filter, column 8: there is no tier \"fre\" | did you mean free?"),
        ("code = 'a", "filter, column 8: this quotation mark has no end"),
        ("attempts > x", "filter, column 12: \"x\" is no whole number"),
        ("attempts > -1", "filter, column 12: \"-1\" is no whole number"),
        ("ended_at > yesterday", "filter, column 12: \"yesterday\" is no time | as 2026-03-01T12:00:00Z"),
        ("ended_at > 2026-13-01T12:00:00.000000Z", "filter, column 12: \"2026-13-01T12:00:00.000000Z\" is no time"),
        ("hostname = a_b.com", "filter, column 12: \"a_b.com\" is no hostname"),
        ("kind = Onboard", "filter, column 8: \"Onboard\" is no kind"),
        ("tenant = t1; drop table usher.job", "filter, column 12: AND is expected, found ;"),
        ("{\"tenan\": \"t1\"}", "filter: there is no field \"tenan\" | did you mean tenant?"),
        ("{\"tenant\": null}", "filter: tenant has no value"),
        ("{]", "filter, column 1: this is no JSON"),
        ("[{\"field\": \"tenant\", \"op\": \"=\", \"values\": []}]", "filter: tenant = has 0 values"),
    ])
    func `what is not understood is one message with its place and what to do`(
        filter: String,
        message: String
    ) async throws {
        try await world.addTenants(1)
        let expected = message.split(separator: " | ").map(String.init)
        do throws(PostgresError) {
            Issue.record("understood as \(try await canonical(filter))")
        } catch {
            #expect(error.sqlState?.rawValue == "UE050")
            #expect(error.message.hasPrefix(expected[0]), "\(error.message)")
            #expect(error.hint?.hasPrefix(expected.count > 1 ? expected[1] : "") == true, "\(error.hint ?? "")")
        }
    }

    @Test func `a relative time is the database's`() async throws {
        let seconds = try await world.count(
            """
            select extract(epoch from now() - (usher.parse_filter('ended_at > -90m') #>> '{0,values,0}')::timestamptz)
                   ::bigint
            """
        )
        #expect(seconds == 90 * 60)
    }

    @Test func `a replay's scope says failed, and takes no job that has not ended`() async throws {
        try await world.makeDead(3)
        #expect(
            try await world.orders.previewReplay(JobQuery("attempts >= 1")).scope == "state = failed AND attempts >= 1"
        )
        await #expect(throws: PostgresError.self) {
            try await world.orders.previewReplay(JobQuery("state in (failed, ready)"))
        }
    }
}
