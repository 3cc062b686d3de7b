import Foundation
import Postgres
import TestSupport
import Testing

/// Tenants are kept apart by the database, whoever wrote the function that is asked.
@Suite(.database)
struct RowSecurityTests {
    private let logins = RoleLogins()

    /// `platform` works for all tenants, `reseller` for acme alone; both tenants have a hostname and a batch.
    private func prepare() async throws -> (platform: ConnectionSettings, reseller: ConnectionSettings) {
        try await logins.prepare(tenants: ["acme", "other"])
        let platform = try await logins.make(.enqueuer, "_platform", tenants: ["*"])
        let reseller = try await logins.make(.enqueuer, "_reseller", tenants: ["acme"])
        for tenant in ["acme", "other"] {
            let rows = JSONText(#"[{"tenant": "\#(tenant)", "hostname": "b.\#(tenant).io"}]"#)
            #expect(try await platform.refusal(of: "select usher.enqueue_batch(\(rows), \(tenant))") == nil)
        }
        return (platform, reseller)
    }

    @Test func `an enqueuer sees the tenants it was granted and works for them`() async throws {
        let (platform, reseller) = try await prepare()
        #expect(try await platform.rows("select tenant from usher.tenant order by 1") == ["acme", "other"])
        #expect(try await reseller.rows("select tenant from usher.tenant") == ["acme"])
        #expect(try await reseller.rows("select name from usher.hostname") == ["b.acme.io"])
        #expect(try await reseller.refusal(of: "select usher.enqueue_onboarding('acme', 'new.acme.io')") == nil)
        let again: Statement = "select usher.enqueue_onboarding('acme', 'b.acme.io', '{}', 'key')"
        #expect(try await reseller.refusal(of: again) == nil)
        #expect(try await reseller.refusal(of: again) == nil)
        let job = try await reseller.rows("select min(job_id)::text from usher.enqueue_onboarding('acme', 'b.acme.io')")
        let state: Statement = "select usher.job_status(\(try #require(job.first.flatMap(Int64.init)))) ->> 'state'"
        #expect(try await reseller.rows(state) == ["ready"])
        #expect(try await reseller.rows("select usher.hostname_status('acme', 'b.acme.io') ->> 'tier'") == ["gold"])
    }

    @Test func `another's tenant is as one that is not there`() async throws {
        let (platform, reseller) = try await prepare()
        #expect(
            try await platform.refusal(of: "select usher.enqueue_onboarding('other', 'o.other.io', '{}', 'k')") == nil
        )
        let unknown: [Statement] = [
            "select usher.enqueue_onboarding('other', 'n.other.io')",
            "select usher.enqueue_onboarding('other', 'o.other.io', '{}', 'k')",
            "select usher.enqueue_onboarding('nobody', 'o.other.io', '{}', 'k')",
            """
            select usher.put_certificate('other', 'b.other.io',
                E'-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----', sha512('a') || sha512('b'),
                repeat('0', 16), '{}', encode(sha256(decode('AAAA', 'base64')), 'hex'), now(), now() + interval '1 day')
            """,
            "select usher.set_tier('fresh', 'gold', 'e', 1)",
        ]
        for statement in unknown {
            let refusal = try await reseller.refusal(of: statement)
            #expect(refusal?.sqlState?.rawValue == "UE024", "\(statement.sql): \(String(describing: refusal))")
            #expect(refusal?.message == "unknown tenant")
        }
        let claimed = try await reseller.refusal(of: "select usher.enqueue_onboarding('acme', 'b.other.io')")
        #expect(claimed?.sqlState?.rawValue == "UE001")
        #expect(claimed?.detail?.contains("other.io") == true && claimed?.detail?.contains("\"other\"") == false)
        let host = try await reseller.refusal(of: "select usher.hostname_status('other', 'b.other.io')")
        #expect(host?.sqlState?.rawValue == "UE041")
        for row in try await platform.rows("select batch_id::text from generate_series(1, 9) as b (batch_id)") {
            let batch = try #require(Int64(row))
            #expect(try await reseller.rows("select coalesce(usher.batch_progress(\(batch))::text, '')") == [""])
        }
        let refused = try await reseller.rows(
            """
            select rejected -> 0 ->> 'code' from usher.enqueue_batch(
                '[{"tenant": "other", "hostname": "x.other.io"}, {"tenant": "acme", "hostname": "x.acme.io"}]',
                'mixed', 'partial')
            """
        )
        #expect(refused == ["UE024"])
        let jobs = try await TestDatabase.current.settings.rows(
            "select job_id::text from usher.job_place where tenant = 'other'"
        )
        for job in jobs.compactMap(Int64.init) {
            let refusal = try await reseller.refusal(of: "select usher.job_status(\(job))")
            #expect(refusal?.sqlState?.rawValue == "UE040")
        }
        #expect(jobs.count == 2)
    }

    @Test func `a login asks twice under one key for a batch, and another's key is not its own`() async throws {
        let (platform, reseller) = try await prepare()
        let batch: Statement = """
            select batch_id::text from usher.enqueue_batch('[{"tenant": "acme", "hostname": "k.acme.io"}]', 'keyed',
                                                           idempotency_key => 'order-7')
            """
        let jobs: Statement = """
            select job_ids::text from usher.enqueue_jobs('upkeep', array['acme'], idempotency_key => 'order-8')
            """
        for statement in [batch, jobs] {
            let first = try await reseller.rows(statement)
            #expect(try await reseller.rows(statement) == first)
            #expect(try await platform.rows(statement) != first)
        }
    }

    @Test func `a function that forgets whose a job or a subject is lets nobody through`() async throws {
        let (platform, reseller) = try await prepare()
        try await logins.asSuperuser([
            "set local role usher_owner",
            """
            create function usher.careless(tenant text, subject_id bigint) returns bigint
            language sql security definer set search_path = usher, pg_temp as $$
                select (place_job('test', l.lane_id, $2, null, 0::smallint, null, null)).job from lane l
                where l.name = $1
            $$
            """,
            """
            create function usher.curious() returns setof text
            language sql security definer set search_path = usher, pg_temp as $$
                select tenant from tenant union all select name from batch union all select tenant from job_place
                union all select tenant from tier_event union all select tenant from idempotency
            $$
            """,
            "grant execute on function usher.careless, usher.curious to usher_enqueuer",
        ])
        let own = try await reseller.rows("select hostname_id::text from usher.hostname where tenant = 'acme'")
        let subject = try #require(own.first.flatMap(Int64.init))
        #expect(try await reseller.refusal(of: "select usher.careless('acme', \(subject))") == nil)
        let fresh = try await reseller.rows("select (usher.enqueue_onboarding('acme', 'f.acme.io')).hostname_id::text")
        let mine = try #require(fresh.first.flatMap(Int64.init))
        // Its job is no longer the live one, so that a new one would be made.
        try await logins.asSuperuser(["delete from usher.live where subject_id = \(mine)"])
        let job = try await reseller.refusal(of: "select usher.careless('other', \(mine))")
        #expect(job?.sqlState?.rawValue == "UE024" && job?.hint != nil && job?.detail != nil)
        let stranger = try await reseller.refusal(of: "select usher.careless('acme', 4711)")
        #expect(stranger?.sqlState?.rawValue == "UE082" && stranger?.hint != nil && stranger?.detail != nil)
        #expect(try await platform.refusal(of: "select usher.careless('other', 4711)") == nil)
        #expect(Set(try await reseller.rows("select usher.curious()")) == ["acme"])
        #expect(Set(try await platform.rows("select usher.curious()")).contains("other"))
    }

    @Test func `only who works for all tenants says which tier one is on`() async throws {
        let (platform, reseller) = try await prepare()
        let refusal = try await reseller.refusal(of: "select usher.set_tier('acme', 'gold', 'e2', 2)")
        #expect(refusal?.sqlState?.rawValue == "UE080")
        #expect(try await platform.refusal(of: "select usher.set_tier('acme', 'gold', 'e2', 2)") == nil)
    }

    @Test func `a session does not widen its own scope`() async throws {
        let (_, reseller) = try await prepare()
        let attempts: [Statement] = [
            "insert into usher.tenant_grant (role, tenant) values (current_user, '*')",
            "select usher.grant_tenant(current_user::text, '*', 'me')",
            "set role usher_owner", "set role usher_worker", "select set_config('role', 'usher_operator', false)",
            "set session authorization postgres",
            "alter table usher.hostname disable row level security",
            "create or replace function usher.caller() returns name language sql return 'postgres'::name",
            "create function usher.mine() returns integer language sql return 1",
            "create schema mine authorization usher_owner",
        ]
        for statement in attempts {
            let refusal = try await reseller.refusal(of: statement)
            #expect(refusal?.sqlState?.rawValue == "42501", "\(statement.sql): \(String(describing: refusal))")
        }
        // Settings of its own are no words of power, and what it puts first in its path is not found by the functions.
        let tricks: Statement = """
            select set_config('usher.tenants', '*', false), set_config('usher.actor', 'postgres', false),
                   set_config('search_path', 'pg_temp, public', false), set_config('row_security', 'off', false)
            """
        let connection = try await PostgresConnection.connect(reseller, logger: .quiet)
        try await connection.session { db throws(PostgresError) in
            _ = try db.execute(tricks)
            try db.execute("create temp table tenant_grant (role name, tenant text)")
            try db.execute("insert into tenant_grant values (session_user, '*')")
            try db.execute("create function pg_temp.caller() returns name language sql return 'postgres'::name")
            #expect(try db.one("select usher.sees_all_tenants()", as: Bool.self) == false)
            #expect(try db.one("select usher.sees_tenant('other')", as: Bool.self) == false)
            #expect(try db.one("select usher.caller()::text", as: String.self) == logins.name(.enqueuer, "_reseller"))
        }
        await connection.close()
    }

    @Test func `the role that a session has taken on counts, and only it`() async throws {
        let (platform, _) = try await prepare()
        let (all, one) = (logins.name(.enqueuer, "_platform"), logins.name(.enqueuer, "_reseller"))
        try await logins.asSuperuser(["grant \(identifier: one) to \(identifier: all)"])
        let connection = try await PostgresConnection.connect(platform, logger: .quiet)
        try await connection.session { db throws(PostgresError) in
            #expect(try db.query("select tenant from usher.tenant", as: String.self).count == 2)
            try db.execute("set role \(identifier: one)")
            #expect(try db.query("select tenant from usher.tenant", as: String.self) == ["acme"])
            #expect(try db.one("select usher.caller()::text", as: String.self) == one)
        }
        await connection.close()
    }

    @Test func `a grant is taken back, and is for a role that exists`() async throws {
        let (_, reseller) = try await prepare()
        let name = logins.name(.enqueuer, "_reseller")
        try await logins.asSuperuser(["select usher.revoke_tenant(\(name), 'acme', 'over')"])
        #expect(try await reseller.rows("select tenant from usher.tenant") == [])
        let nobody = try await TestDatabase.current.settings.refusal(
            of: "select usher.grant_tenant('nobody', '*', 'x')"
        )
        #expect(nobody?.sqlState?.rawValue == "UE081")
        let silent = try await TestDatabase.current.settings.refusal(of: "select usher.grant_tenant(\(name), '*', '')")
        #expect(silent?.sqlState?.rawValue == "22023" && silent?.detail != nil && silent?.hint != nil)
        let orders = try await TestDatabase.current.settings.rows("select action from usher.audit order by audit_id")
        #expect(orders == ["grant_tenant", "grant_tenant", "revoke_tenant"])
    }

    @Test func `worker, operator and auditor see all tenants, and change what is theirs to change`() async throws {
        _ = try await prepare()
        let (worker, steward) = (try await logins.make(.worker), try await logins.make(.operator))
        let auditor = try await logins.make(.auditor)
        for login in [worker, steward, auditor] {
            #expect(try await login.rows("select name from usher.hostname order by 1") == ["b.acme.io", "b.other.io"])
        }
        #expect(try await worker.refusal(of: "update usher.hostname set standing = 'waiting'") == nil)
        let forbidden: [(ConnectionSettings, Statement)] = [
            (worker, "update usher.hostname set tenant = 'other'"), (worker, "delete from usher.hostname"),
            (worker, "update usher.lease set deadline_at = now()"),
            (worker, "insert into usher.ready values (1, 1, 1)"),
            (worker, "select usher.cancel(1, 'x')"), (worker, "select usher.set_tier('acme', 'gold', 'e', 9)"),
            (worker, "select usher.enqueue_onboarding('acme', 'x.acme.io')"),
            (steward, "update usher.hostname set standing = 'waiting'"),
            (steward, "select sealed_key from usher.certificate"),
            (steward, "update usher.policy set reason = 'x'"), (steward, "delete from usher.audit"),
            (steward, "insert into usher.audit (actor, action, reason, subject) values ('x', 'x', 'x', '{}')"),
            (steward, "select usher.claim(1, 1)"), (steward, "select usher.grant_tenant('postgres', '*', 'x')"),
            (auditor, "select sealed_key from usher.certificate"), (auditor, "select usher.cancel(1, 'x')"),
            (auditor, "update usher.evidence set tenant = 'x'"), (auditor, "insert into usher.lane_wake values (1)"),
        ]
        for (login, statement) in forbidden {
            let refusal = try await login.refusal(of: statement)
            #expect(refusal?.sqlState?.rawValue == "42501", "\(statement.sql): \(String(describing: refusal))")
        }
    }

    @Test func `a login with no role of Usher finds nothing`() async throws {
        let name = "\(TestDatabase.current.name)_nobody"
        try await logins.asSuperuser(["create role \(identifier: name) login"])
        let nobody = ConnectionSettings(url: TestDatabase.current.url.replacing("user=postgres", with: "user=\(name)"))
        for statement: Statement in ["select usher.caller()", "select from usher.tenant", "select usher.job_status(1)"]
        {
            #expect(try await nobody.refusal(of: statement)?.sqlState?.rawValue == "42501", "\(statement.sql)")
        }
    }
}
