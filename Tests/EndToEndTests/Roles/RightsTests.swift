import Foundation
import Postgres
import TestSupport
import Testing

/// The catalogue of a migrated database against what ``RoleRights`` says: whatever a migration adds and nobody thought
/// of is found here.
@Suite(.database)
struct RightsTests {
    private func rows(_ statement: Statement) async throws -> [String] {
        try await TestDatabase.current.settings.rows(statement)
    }

    @Test func `each function may be called by the roles that the table names, and stands in it`() async throws {
        var expected: [String: String] = [:]
        for line in RoleRights.functions.split(separator: "\n") {
            let words = line.split(separator: " ")
            for word in words.dropFirst() { expected[String(word)] = String(words[0].filter(\.isLetter)) }
        }
        let found = try await rows(
            """
            select p.proname || ' ' || concat(
                       case when has_function_privilege('usher_enqueuer', p.oid, 'execute') then 'E' end,
                       case when has_function_privilege('usher_worker', p.oid, 'execute') then 'W' end,
                       case when has_function_privilege('usher_operator', p.oid, 'execute') then 'O' end,
                       case when has_function_privilege('usher_auditor', p.oid, 'execute') then 'A' end)
            from pg_proc p where p.pronamespace = 'usher'::regnamespace
            """
        )
        for row in found {
            let words = row.split(separator: " ", omittingEmptySubsequences: false)
            let name = String(words[0])
            let rights = try #require(expected[name], "usher.\(name) stands in no line of RoleRights.functions")
            #expect(words[1] == rights, "usher.\(name)")
        }
        #expect(found.count > 50)
    }

    @Test func `each table may be used by the roles that the table of rights names, and stands in it`() async throws {
        var expected: [String: String] = [:]
        for line in RoleRights.relations.split(separator: "\n") {
            let words = line.split(separator: " ")
            expected[String(words[0])] = words.dropFirst().joined(separator: " ")
        }
        let found = try await rows(Self.relationRights)
        for row in found {
            let name = String(row.prefix { $0 != " " })
            let rights = try #require(expected[name], "usher.\(name) stands in no line of RoleRights.relations")
            #expect(row == "\(name) \(rights)".trimmingCharacters(in: .whitespaces))
        }
        #expect(found.count >= 40)
    }

    private static let relationRights: Statement = """
        select rtrim(r.relation || ' ' || coalesce(string_agg(r.letter || ':' || r.rights, ' ' order by r.place)
                                                   filter (where r.rights <> ''), ''))
        from (
            select c.relname as relation, k.letter, k.place, case c.relkind
                when 'S' then case when has_sequence_privilege(k.role, c.oid, 'select') then 'r' else '' end
                           || case when has_sequence_privilege(k.role, c.oid, 'usage, update') then '!' else '' end
                else (select string_agg(case when has_table_privilege(k.role, c.oid, p.privilege) then p.letter
                                             when p.place < 4 and has_any_column_privilege(k.role, c.oid, p.privilege)
                                             then p.letter || '*' else '' end, '' order by p.place)
                      from (values (1, 'r', 'select'), (2, 'a', 'insert'), (3, 'w', 'update'), (4, 'd', 'delete'),
                                   (5, 't', 'truncate'), (6, '!', 'trigger'), (7, 'x', 'references'))
                               as p (place, letter, privilege)) end as rights
            from pg_class c
            cross join (values (1, 'E', 'usher_enqueuer'), (2, 'W', 'usher_worker'), (3, 'O', 'usher_operator'),
                               (4, 'A', 'usher_auditor')) as k (place, letter, role)
            where c.relnamespace = 'usher'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
              -- A sequence of an identity column is used by the table's own rows.
              and not exists (select from pg_depend d where d.objid = c.oid and d.classid = 'pg_class'::regclass
                                                        and d.deptype in ('i', 'a') and d.refobjsubid > 0)
              -- Partitions have no rights but the operator's to read; their parent has.
              and not c.relispartition) r
        group by r.relation
        """

    @Test func `rights to some columns are to those that the table names`() async throws {
        let found = try await rows(
            """
            select c.relname || ' ' || k.letter || ':' || p.letter || ' '
                   || string_agg(a.attname, ' ' order by a.attname)
            from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            cross join (values ('E', 'usher_enqueuer'), ('W', 'usher_worker'), ('O', 'usher_operator'),
                               ('A', 'usher_auditor')) as k (letter, role)
            cross join (values ('r', 'select'), ('a', 'insert'), ('w', 'update')) as p (letter, privilege)
            where c.relnamespace = 'usher'::regnamespace and c.relkind in ('r', 'p', 'v')
              and has_column_privilege(k.role, c.oid, a.attnum, p.privilege)
              and not has_table_privilege(k.role, c.oid, p.privilege)
            group by c.relname, k.letter, p.letter
            """
        )
        #expect(Set(found) == Set(RoleRights.columns.map { "\($0.key) \($0.value)" }))
    }

    @Test func `only the worker reads a sealed key, and partitions are read by nobody else than their parent is`()
        async throws
    {
        let keyed = try await rows(
            """
            select rolname::text from pg_roles
            where rolname like 'usher\\_%' and has_column_privilege(oid, 'usher.certificate', 'sealed_key', 'select')
              and rolname <> 'usher_owner'
            """
        )
        #expect(keyed == ["usher_worker"])
        let wider = try await rows(
            """
            select c.relname || ' ' || r.rolname from pg_class c join pg_inherits i on i.inhrelid = c.oid
            cross join pg_roles r
            where c.relnamespace = 'usher'::regnamespace and r.rolname like 'usher\\_%' and r.rolname <> 'usher_owner'
              and has_any_column_privilege(r.oid, c.oid, 'select, insert, update')
              and not (r.rolname = 'usher_operator' and not has_any_column_privilege(r.oid, c.oid, 'insert, update'))
            """
        )
        #expect(wider == [])
    }

    @Test func `everything belongs to the owner, and nothing is open to everybody`() async throws {
        let foreign = try await rows(
            """
            select relname::text from pg_class where relnamespace = 'usher'::regnamespace
                and relowner <> 'usher_owner'::regrole and relkind in ('r', 'p', 'v', 'm', 'S', 'c')
            union all select proname::text from pg_proc where pronamespace = 'usher'::regnamespace
                and proowner <> 'usher_owner'::regrole
            union all select nspname::text from pg_namespace
                where nspname = 'usher' and nspowner <> 'usher_owner'::regrole
            """
        )
        #expect(foreign == [], "a migration that adds something ends with select usher.apply_permissions()")
        let open = try await rows(
            """
            select relname::text from pg_class cross join aclexplode(relacl) as a
            where relnamespace = 'usher'::regnamespace and a.grantee = 0
            union all select proname::text
            from pg_proc cross join aclexplode(coalesce(proacl, acldefault('f', proowner))) as a
            where pronamespace = 'usher'::regnamespace and a.grantee = 0
            union all select 'schema' from pg_namespace cross join aclexplode(nspacl) as a
            where nspname = 'usher' and a.grantee = 0
            """
        )
        #expect(open == [])
    }

    @Test func `a function that is made as the owner later is nobody's`() async throws {
        try await RoleLogins().asSuperuser([
            "set local role usher_owner", "create function usher.later() returns integer language sql return 1",
        ])
        let open = try await rows(
            """
            select rolname::text from pg_roles
            where has_function_privilege(oid, 'usher.later()', 'execute') and not rolsuper
            """
        )
        #expect(open == ["usher_owner"])
    }

    @Test func `the roles can do nothing by themselves but what is granted`() async throws {
        let mighty = try await rows(
            """
            select rolname::text from pg_roles
            where rolname like 'usher\\_%' and (rolcanlogin or rolsuper or rolcreaterole
                or rolcreatedb or rolreplication or rolbypassrls)
            """
        )
        #expect(mighty == [])
        let inherited = try await rows(
            """
            select one.rolname || ' is ' || other.rolname from pg_roles one cross join pg_roles other
            where one.rolname like 'usher\\_%' and other.rolname like 'usher\\_%' and one.oid <> other.oid
              and pg_has_role(one.oid, other.oid, 'member')
            """
        )
        #expect(inherited == [])
    }
}
