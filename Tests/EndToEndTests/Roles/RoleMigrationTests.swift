import Foundation
import Postgres
import TestSupport
import Testing

/// The roles belong to the whole cluster, the migration to one database: who makes them, and who leaves them alone.
@Suite(.timeLimit(.minutes(10)))
struct RoleMigrationTests {
    private static let roles = "0018"

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "migrations").path()

    private func migrator(_ url: String) -> Migrator {
        Migrator(folder: Self.folder, settings: ConnectionSettings(url: url), logger: .quiet)
    }

    /// A cluster where nobody has made the roles.
    private func withCluster(_ body: (ConnectionSettings, (String) -> String) async throws -> Void) async throws {
        let cluster = try await LocalCluster.start(.fast)
        do {
            try await body(ConnectionSettings(url: cluster.connectionURL()), { cluster.connectionURL(database: $0) })
        } catch {
            await cluster.stop()
            throw error
        }
        await cluster.stop()
    }

    @Test func `three databases of a cluster are migrated at once and share the roles`() async throws {
        try await withCluster { admin, url in
            for database in ["one", "two", "three"] {
                #expect(try await admin.refusal(of: "create database \(identifier: database)") == nil)
            }
            let urls = ["one", "two", "three"].map(url)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for url in urls { group.addTask { _ = try await migrator(url).up() } }
                try await group.waitForAll()
            }
            let roles: Statement = "select rolname::text from pg_roles where rolname like 'usher\\_%' order by 1"
            #expect(try await admin.rows(roles).count == 5)
            // What one database undoes, the others go on using.
            _ = try await migrator(urls[0]).down(steps: 99)
            #expect(try await admin.rows(roles).count == 5)
            #expect(
                try await ConnectionSettings(url: urls[1]).refusal(of: "select usher.register_worker('w', '1 s')")
                    == nil
            )
            _ = try await migrator(urls[0]).up()
        }
    }

    @Test func `a login that may not make roles is told what to run, and then migrates and works as before`()
        async throws
    {
        try await withCluster { admin, url in
            #expect(try await admin.refusal(of: "create role deployer login") == nil)
            #expect(try await admin.refusal(of: "create database app owner deployer") == nil)
            let deployer = url("app").replacing("user=postgres", with: "user=deployer")
            let error = await #expect(throws: MigrationError.self) { try await migrator(deployer).up() }
            guard case .failed(_, _, _, let refusal) = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(
                refusal.sqlState?.rawValue == "42501" && refusal.message.contains("deployer may not make the roles")
            )
            let hint = try #require(refusal.hint?.split(separator: ": ", maxSplits: 1).last)
            for statement in hint.split(separator: "; ") {
                #expect(try await admin.refusal(of: Statement(verbatim: String(statement))) == nil, "\(statement)")
            }
            _ = try await migrator(deployer).up()
            try await worksAsBefore(ConnectionSettings(url: deployer))
            _ = try await migrator(deployer).down(steps: 99)
            _ = try await migrator(deployer).up()
        }
    }

    @Test func `a login that may make roles, but is no superuser, makes them`() async throws {
        try await withCluster { admin, url in
            #expect(try await admin.refusal(of: "create role deployer login createrole") == nil)
            #expect(try await admin.refusal(of: "create database app owner deployer") == nil)
            let deployer = url("app").replacing("user=postgres", with: "user=deployer")
            _ = try await migrator(deployer).up()
            try await worksAsBefore(ConnectionSettings(url: deployer))
        }
    }

    /// The login that made the schema does everything with it that it did before there were roles.
    private func worksAsBefore(_ owner: ConnectionSettings) async throws {
        let statements: [Statement] = [
            """
            with kept as (
                insert into usher.policy (tier, revision, document, checksum, author, reason)
                values ('gold', 1, '{}', repeat('a', 64), 'test', 'test') returning tier)
            insert into usher.tier (name, revision, weight, max_running) select tier, 1, 1, 4 from kept
            """,
            "select usher.set_tier('acme', 'gold', 'e1', 1)",
            "select usher.enqueue_batch('[{\"tenant\": \"acme\", \"hostname\": \"www.acme.io\"}]', 'first')",
            "select usher.register_worker('w', '1 minute')",
            "update usher.hostname set standing = 'waiting'",
            "select usher.place_job('onboard', lane_id, 7, null, 0::smallint, null, null) from usher.lane",
            "create table usher.mine (n integer)", "drop table usher.mine",
        ]
        for statement in statements {
            #expect(try await owner.refusal(of: statement) == nil, "\(statement.sql)")
        }
        #expect(try await owner.rows("select kind from usher.claim(1, 10)") == ["onboard", "onboard"])
        #expect(try await owner.rows("select usher.job_status(1) ->> 'state'") == ["running"])
        for count: Statement in [
            "select name from usher.hostname", "select tenant from usher.tenant", "select name from usher.batch",
        ] {
            #expect(try await owner.rows(count).count == 1, "\(count.sql)")
        }
    }

    @Test(.emptyDatabase) func `undone, everything is as it was before`() async throws {
        let url = TestDatabase.current.url
        let migrator = migrator(url)
        let versions = try await migrator.status().map(\.version)
        let place = try #require(versions.firstIndex(of: Self.roles))
        _ = try await migrator.up(to: versions[place - 1])
        let before = try await catalogue()
        _ = try await migrator.up(to: Self.roles)
        #expect(try await catalogue() != before)
        _ = try await migrator.down()
        let after = try await catalogue()
        #expect(Set(after).symmetricDifference(before).sorted() == [])
        _ = try await migrator.up()
    }

    private func catalogue() async throws -> [String] {
        try await TestDatabase.current.settings.rows(
            """
            select concat('function ', p.oid::regprocedure, p.proowner::regrole, p.prosecdef, p.proconfig,
                          md5(p.prosrc), obj_description(p.oid, 'pg_proc'), p.prosqlbody is null,
                          array(select a::text from unnest(coalesce(p.proacl, acldefault('f', p.proowner))) as a
                                order by 1))
            from pg_proc p where p.pronamespace = 'usher'::regnamespace
            union all
            select concat('relation ', c.oid::regclass, c.relowner::regrole, c.relrowsecurity, c.relforcerowsecurity,
                          case when c.relkind in ('r', 'p', 'v') then 
                          array(select a::text from unnest(coalesce(c.relacl, acldefault('r', c.relowner))) as a
                                order by 1) end,
                          (select array_agg(a.attname || coalesce(a.attacl::text, '') order by a.attnum)
                           from pg_attribute a
                           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped))
            from pg_class c where c.relnamespace = 'usher'::regnamespace
            union all select concat('policy ', polname, polrelid::regclass) from pg_policy
            union all select concat('schema ', nspowner::regrole, coalesce(nspacl, acldefault('n', nspowner)),
                                    obj_description(oid, 'pg_namespace'))
                from pg_namespace where nspname = 'usher'
            union all select concat('default ', defaclobjtype, defaclacl) from pg_default_acl
            """
        )
    }
}
