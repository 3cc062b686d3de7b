import Postgres

/// The plain queue that Usher's is held against: first come first served, no fairness, no limits, no fencing.
///
/// Pgbench works on it without a program in between: claim a batch with SKIP LOCKED in one transaction, move the
/// finished rows to a history table in the next, as a worker that must not lose a job when it dies has to.
struct PlainQueue: Sendable {
    /// Rows claimed at once.
    static let batch = 500
    static let clients = 2

    let world: QueueWorld
    let pgbench: Pgbench

    /// What the tables hold.
    enum Form {
        /// What people run: kind, tenant, priority, time, attempts, who claimed it; an index in the order of claiming.
        case usual
        /// Next to nothing: a number, a payload and a mark; claimed in the order of the primary key.
        case bare

        /// In words, for the conditions.
        static let usualInWords = """
            one table (id, kind, tenant, payload, priority, run_at, attempts, locked_by, locked_at) with a partial \
            index on (priority, run_at, id) of what is not locked, and a history table (primary key id)
            """

        fileprivate var tables: String {
            switch self {
            case .usual: Self.usualTables
            case .bare: Self.bareTables
            }
        }

        fileprivate var script: String {
            switch self {
            case .usual: Self.usualScript
            case .bare: Self.bareScript
            }
        }
    }

    /// Rows a second over so many rows, a whole number of batches for each client.
    func drainRate(_ form: Form, rows: Int) async throws -> Double {
        try await world.pool.session { db throws(PostgresError) in
            try db.executeScript("drop schema if exists plain cascade; create schema plain; " + form.tables)
            try db.execute(
                """
                insert into plain.queue (id, tenant, payload)
                select i, 'bench-' || i % \(QueueBench.tenants), jsonb_build_object('n', i)
                from generate_series(1, \(rows)) i
                """
            )
            try db.execute("vacuum (analyze) plain.queue")
            try db.execute("checkpoint")
        }
        let perClient = rows / Self.batch / Self.clients
        let rate = try await pgbench.run(form.script, clients: Self.clients, .transactions(perClient))
        guard try await world.count("select count(*) from plain.history") == rows else {
            throw Failure("the plain queue was not drained by pgbench")
        }
        return rate * Double(Self.batch)
    }
}

extension PlainQueue.Form {
    private static let usualTables = """
        create table plain.queue (
            id bigint primary key, kind text not null default 'bench', tenant text not null, payload jsonb not null,
            priority smallint not null default 0, run_at timestamptz not null default clock_timestamp(),
            attempts smallint not null default 0, locked_by text, locked_at timestamptz
        );
        create index queue_order on plain.queue (priority, run_at, id) where locked_by is null;
        create table plain.history (
            id bigint primary key, kind text not null, tenant text not null, payload jsonb not null,
            attempts smallint not null, outcome text not null, started_at timestamptz not null,
            finished_at timestamptz not null
        )
        """

    private static let usualScript = """
        with claimed as (
            update plain.queue set locked_by = 'pgbench', locked_at = clock_timestamp(), attempts = attempts + 1
            where id = any (array(select id from plain.queue where locked_by is null and run_at <= now()
                                  order by priority, run_at, id limit \(PlainQueue.batch) for update skip locked))
            returning id, kind, tenant, payload
        )
        select coalesce(array_agg(id), '{}') as ids, count(payload) as jobs from claimed \\gset
        with finished as (
            delete from plain.queue where id = any (:ids::bigint[]) returning *
        )
        insert into plain.history
        select id, kind, tenant, payload, attempts, 'done', locked_at, clock_timestamp() from finished;
        """

    private static let bareTables = """
        create table plain.queue (
            id bigint primary key, tenant text not null, payload jsonb not null,
            is_claimed boolean not null default false
        );
        create table plain.history (
            id bigint, tenant text not null, payload jsonb not null, ended_at timestamptz not null
        )
        """

    private static let bareScript = """
        with claimed as (
            update plain.queue set is_claimed = true
            where id = any (array(select id from plain.queue where not is_claimed order by id limit \(PlainQueue.batch)
                                  for update skip locked))
            returning id
        )
        select coalesce(array_agg(id), '{}') as ids from claimed \\gset
        with finished as (delete from plain.queue where id = any (:ids::bigint[]) returning *)
        insert into plain.history select id, tenant, payload, clock_timestamp() from finished;
        """
}
