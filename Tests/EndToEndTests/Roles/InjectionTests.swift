import Foundation
import Postgres
import TestSupport
import Testing

/// Hostile text at every argument of every function a role may call: nothing comes of it but the documented errors.
@Suite(.database, .timeLimit(.minutes(10)))
struct InjectionTests {
    private static let hostile = [
        "'", "''; drop table public.canary; --", "\"; drop schema usher cascade; --",
        "$$; drop table public.canary; $$",
        "$q$ $q$", "\\'; drop table public.canary; --", "%s %I %L %1$s %%", "{0} ${1} $1 :name", "a;b;c", "/* */ -- ",
        "*/; drop table public.canary; /*",
        "acme' or '1'='1", "*", "é \u{202E}\u{200B}ﷺ 🦊", "\u{1}\u{7F}\t\r\n",
        String(repeating: "x'\"%$", count: 20_000),
        "pg_temp.tenant", "select usher.set_breaker('open', 'x', 'x')",
    ]

    /// What is given where nothing hostile is, so that a function goes as far as it can.
    private static let plausible = [
        "tenant": "acme", "p_tenant": "acme", "hostname": "www.acme.io", "p_hostname": "www.acme.io", "tier": "gold",
        "mode": "partial", "action": "close", "min_tls": "1.3", "capability": "wildcard", "scope": "tenant",
        "name": "acme",
        "filter": #"{"tenant": "acme"}"#, "rows": #"[{"tenant": "acme", "hostname": "r.acme.io"}]"#,
    ]

    private struct Function: Sendable {
        var signature: String
        var names: [String]
        var types: [String]
    }

    @Test(arguments: ClientRole.allCases)
    func `hostile text is text`(role: ClientRole) async throws {
        let logins = RoleLogins()
        try await logins.prepare(tenants: ["acme", "victim"])
        try await logins.asSuperuser([
            "create table public.canary (n integer)", "insert into public.canary values (1)",
            "select usher.enqueue_onboarding('victim', 'www.victim.io', '{\"min_tls\": \"1.3\"}')",
        ])
        let login = try await logins.make(role, tenants: role == .enqueuer ? ["*"] : [])
        let functions = try await functions(of: role)
        let before = try await snapshot()
        let connection = try await PostgresConnection.connect(login, logger: .quiet)
        var calls = 0
        for function in functions {
            for place in function.types.indices {
                for statement in Self.calls(of: function, hostileAt: place) {
                    calls += 1
                    let error = await refusal(connection, statement)
                    #expect(error.map(Self.isDocumented) ?? true, "\(function.signature): \(String(describing: error))")
                }
            }
        }
        await connection.close()
        #expect(calls > (role == .auditor ? 30 : 200))
        #expect(Set(try await snapshot()).symmetricDifference(before).sorted() == [])
    }

    private func refusal(_ connection: PostgresConnection, _ statement: Statement) async -> PostgresError? {
        do throws(PostgresError) {
            // Each is kept: what it changed is there to be seen.
            try await connection.session { db throws(PostgresError) in _ = try db.execute(statement) }
            return nil
        } catch {
            return error
        }
    }

    /// Usher's own, a quota, an argument that is no number, time or JSON, a value that a column refuses.
    private static func isDocumented(_ error: PostgresError) -> Bool {
        guard let state = error.sqlState?.rawValue else { return false }
        return state.hasPrefix("UE") || state.hasPrefix("22") || state.hasPrefix("23") || state == "53400"
    }

    private func functions(of role: ClientRole) async throws -> [Function] {
        let connection = try await TestDatabase.current.connect()
        let rows = try await connection.session { db throws(PostgresError) in
            try db.query(
                """
                select p.oid::regprocedure::text,
                       array(select coalesce(p.proargnames[i], '') from generate_series(1, p.pronargs) as i),
                       array(select format_type(p.proargtypes[i], null) from generate_series(0, p.pronargs - 1) as i)
                from pg_proc p
                where p.pronamespace = 'usher'::regnamespace and has_function_privilege(\(role.name), p.oid, 'execute')
                order by 1
                """,
                as: (String, [String], [String]).self
            )
        }
        await connection.close()
        return rows.map { Function(signature: $0.0, names: $0.1, types: $0.2) }
    }

    /// The function called with each hostile text in one place, in each form that the place takes.
    private static func calls(of function: Function, hostileAt place: Int) -> [Statement] {
        let name = function.signature.prefix { $0 != "(" }
        return hostile.flatMap { text in
            forms(of: text, as: function.types[place]).map { value in
                let arguments = function.types.indices.map { index in
                    index == place ? value : harmless(function.types[index], function.names[index])
                }
                return Statement(verbatim: "select * from \(name)(\(arguments.joined(separator: ", ")))")
            }
        }
    }

    private static func forms(of text: String, as type: String) -> [String] {
        let json = String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
        return switch type {
        case "text", "name": ["\(literal(text))::\(type)"]
        case "text[]": ["array[\(literal(text))]"]
        case "jsonb":
            [
                json, "{\(json): \(json)}", "[{\(json): \(json)}]", #"{"tenant": \#(json), "code": \#(json)}"#,
                #"[{"tenant": \#(json), "hostname": \#(json), "kind": \#(json), "job_id": \#(json)}]"#,
                #"[{"tenant": "acme", "hostname": "j.acme.io", "opts": {"min_tls": \#(json), "ciphers": [\#(json)]}}]"#,
            ].map { "\(literal($0))::jsonb" }
        default: []
        }
    }

    private static func harmless(_ type: String, _ name: String) -> String {
        switch type {
        case "text", "name": literal(plausible[name] ?? "x") + "::\(type)"
        case "text[]": "array['x']"
        case "jsonb": literal(plausible[name] ?? "{}") + "::jsonb"
        case "smallint", "integer", "bigint", "double precision", "numeric": "1"
        case "bigint[]": "'{1}'::bigint[]"
        case "boolean": "false"
        case "interval": "interval '1 second'"
        case "timestamp with time zone": "date_trunc('second', now()) + interval '1 hour'"
        case "bytea": "repeat('x', 99)::bytea"
        default: "null::\(type)"
        }
    }

    private static func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

    /// What must be as it was: objects, rights, roles, and rows that nobody was asked to change.
    private func snapshot() async throws -> [String] {
        try await TestDatabase.current.settings.rows(
            """
            select 'relation ' || oid::regclass || coalesce(relacl::text, '') from pg_class
                where relkind in ('r', 'p', 'v', 'm') and not relispartition
                  and relnamespace::regnamespace::text !~ '^pg_(toast|temp)'
            union all select 'function ' || oid::regprocedure || md5(prosrc) || coalesce(proacl::text, '') from pg_proc
                where pronamespace::regnamespace::text in ('usher', 'public')
            union all select 'schema ' || nspname from pg_namespace where nspname !~ '^pg_'
            union all select 'role ' || rolname from pg_roles
                where rolname ~ '^usher' or rolname like (select current_database() || '\\_%')
            union all select 'canary ' || n from public.canary
            union all select 'victim ' || name || wish || generation from usher.hostname where tenant = 'victim'
            union all select 'tenant ' || tenant || tier from usher.tenant
            union all select 'tier ' || name || revision from usher.tier
            union all select 'grant ' || role || tenant from usher.tenant_grant
            union all select 'right ' || role || object || privilege from usher.permission
            order by 1
            """
        )
    }
}
