import Foundation
import Postgres
import TestSupport
import Testing

/// Rules that every function of the schema keeps, read from the catalogue.
@Suite(.database)
struct FunctionRulesTests {
    private func rows(_ statement: Statement) async throws -> [String] {
        try await TestDatabase.current.settings.rows(statement)
    }

    @Test func `the search path of every function is pinned, or its names were bound when it was made`() async throws {
        let loose = try await rows(
            """
            select p.oid::regprocedure::text from pg_proc p
            where p.pronamespace = 'usher'::regnamespace and p.prosqlbody is null
              and not coalesce('search_path=usher, pg_temp' = any (p.proconfig), false)
            """
        )
        #expect(loose == [])
    }

    @Test func `what a role calls runs as the owner, and nothing else does`() async throws {
        let wrong = try await rows(
            """
            select p.oid::regprocedure || case when p.prosecdef then ' is' else ' is not' end from pg_proc p
            where p.pronamespace = 'usher'::regnamespace and p.provolatile <> 'i' and p.prosqlbody is null
              and p.prosecdef <> (p.prorettype = 'trigger'::regtype or exists (
                  select from pg_roles r where r.rolname like 'usher\\_%' and r.rolname <> 'usher_owner'
                                           and has_function_privilege(r.oid, p.oid, 'execute')))
            """
        )
        #expect(wrong == [], "a migration that replaces a function ends with select usher.apply_permissions()")
    }

    @Test func `every function that a role may call has a comment`() async throws {
        let silent = try await rows(
            """
            select distinct p.oid::regprocedure::text from pg_proc p
            join pg_roles r on r.rolname like 'usher\\_%' and has_function_privilege(r.oid, p.oid, 'execute')
            where p.pronamespace = 'usher'::regnamespace and r.rolname <> 'usher_owner'
              and coalesce(length(obj_description(p.oid, 'pg_proc')), 0) < 15
            """
        )
        #expect(silent == [])
    }

    @Test func `row-level security is forced on every table that says whose its rows are`() async throws {
        let tables = """
            c.relnamespace = 'usher'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
            and c.relname <> 'tenant_grant' and (c.relname in ('job', 'batch') or exists (
                select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped))
            """
        let bare = try await rows(
            Statement(
                verbatim: """
                    select c.relname::text from pg_class c
                    where \(tables) and not (c.relrowsecurity and c.relforcerowsecurity)
                    """
            )
        )
        #expect(bare == [])
        let guarded = try await rows(Statement(verbatim: "select c.relname::text from pg_class c where \(tables)"))
        #expect(
            Set(["tenant", "hostname", "certificate", "tier_event", "idempotency", "evidence", "job", "batch"])
                .isSubset(of: guarded)
        )
    }

    @Test func `every refusal has a code, a document and a hint`() async throws {
        // A budget that was not declared is a mistake of the program, not of a caller; so is a change of history.
        let sources = try await rows(
            """
            select proname || E'\\n' || prosrc from pg_proc
            where pronamespace = 'usher'::regnamespace
              and proname not in ('take_budget', 'refuse_change', 'refuse_rewrite', 'refuse_change_of_kept')
            """
        )
        var count = 0
        for source in sources {
            for refusal in source.matches(of: #/raise exception (?:[^;']|'(?:[^']|'')*')*;/#) {
                count += 1
                for part in ["errcode", "detail", "hint"] {
                    let name = source.prefix { $0 != "\n" }
                    #expect(refusal.output.contains(part), "usher.\(name): no \(part): \(refusal.output)")
                }
            }
        }
        #expect(count > 15)
    }

    @Test func `every code of Usher's own is explained in one table`() async throws {
        let used = try await rows(
            """
            select distinct m[1] from pg_proc cross join regexp_matches(prosrc, '''(UE[0-9]{3})''', 'g') as m
            where pronamespace = 'usher'::regnamespace order by 1
            """
        )
        let explained = try await rows("select code from usher.error_code order by code")
        #expect(used.count > 10 && Set(used).subtracting(explained).sorted() == [])
    }
}
