import Postgres
import TestSupport

/// The roles that people grant to their logins.
enum ClientRole: String, CaseIterable, Comparable {
    case enqueuer
    case worker
    case `operator`
    case auditor

    /// Its name in the database.
    var name: String { "usher_\(rawValue)" }

    /// The letter it has in the tables of rights.
    var letter: Character { Character(rawValue.prefix(1).uppercased()) }

    static func < (one: Self, other: Self) -> Bool { one.letter < other.letter }
}

/// Logins of the running test's own, each with a role, in the shared throwaway cluster.
struct RoleLogins {
    let database = TestDatabase.current

    /// The login that has a role, whose name no other test's login has.
    func name(_ role: ClientRole, _ suffix: String = "") -> String { "\(database.name)_\(role.rawValue)\(suffix)" }

    /// Makes a login that has one role.
    ///
    /// - Parameter tenants: What an enqueuer is granted.
    @discardableResult
    func make(_ role: ClientRole, _ suffix: String = "", tenants: [String] = []) async throws -> ConnectionSettings {
        let name = name(role, suffix)
        let admin = try await database.connect()
        try await admin.session { db throws(PostgresError) in
            try db.execute("create role \(identifier: name) login")
            try db.execute("grant \(identifier: role.name) to \(identifier: name)")
            for tenant in tenants {
                _ = try db.execute("select usher.grant_tenant(\(name), \(tenant), 'test')")
            }
        }
        await admin.close()
        return ConnectionSettings(url: url(role, suffix))
    }

    /// The connection string of a login.
    func url(_ role: ClientRole, _ suffix: String = "") -> String {
        database.url.replacing("user=postgres", with: "user=\(name(role, suffix))")
    }

    /// Runs statements one after the other as the cluster's superuser.
    func asSuperuser(_ statements: [Statement]) async throws {
        let admin = try await database.connect()
        try await admin.transaction { db throws(PostgresError) in
            for statement in statements { try db.execute(statement) }
        }
        await admin.close()
    }

    /// One tier, `gold`, and tenants on it.
    func prepare(tenants: [String]) async throws {
        try await asSuperuser(
            [
                """
                insert into usher.policy (tier, revision, document, checksum, author, reason)
                values ('gold', 1, '{}', repeat('a', 64), 'test', 'test')
                """,
                "insert into usher.tier (name, revision, weight, max_running) values ('gold', 1, 1, 4)",
            ] + tenants.map { "select usher.set_tier(\($0), 'gold', 'first', 1)" }
        )
    }
}

extension ConnectionSettings {
    /// Runs one statement in a connection of its own; what it is refused with, or nothing.
    func refusal(of statement: Statement) async throws -> PostgresError? {
        let connection = try await PostgresConnection.connect(self, logger: .quiet)
        do throws(PostgresError) {
            try await connection.session { db throws(PostgresError) in _ = try db.execute(statement) }
            await connection.close()
            return nil
        } catch {
            await connection.close()
            return error
        }
    }

    /// The first column of a statement's rows, as text.
    func rows(_ statement: Statement) async throws -> [String] {
        let connection = try await PostgresConnection.connect(self, logger: .quiet)
        let rows = try await connection.session { db throws(PostgresError) in
            try db.query(statement, as: String.self)
        }
        await connection.close()
        return rows
    }
}
