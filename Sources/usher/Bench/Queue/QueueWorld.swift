import Foundation
import Postgres

/// What a bench of the queue runs on: a throwaway PostgreSQL that keeps its promises, and worker processes.
struct QueueWorld: Sendable {
    let cluster: LocalCluster
    let pool: PostgresPool
    let output: Output
    let machine: BenchMachine

    /// Lends a world to the body for at most so long, and takes it down afterwards, whatever happens.
    static func with<Value: Sendable>(
        limit: Duration,
        _ output: Output,
        _ body: @escaping @Sendable (QueueWorld) async throws -> Value
    ) async throws -> Value {
        let load = BenchMachine.load
        return try await bounded(by: limit) {
            try await BenchDatabase.withCluster(statementTimeout: .seconds(600)) { cluster, pool in
                let machine = try await BenchMachine(pool, loadBefore: load)
                return try await body(QueueWorld(cluster: cluster, pool: pool, output: output, machine: machine))
            }
        }
    }

    /// Lends worker processes with the real worker's code, and has them leave afterwards.
    func withWorkers<Value: Sendable>(
        _ options: BenchWorkerOptions,
        count: Int = 1,
        _ body: (WorkerProcesses) async throws -> Value
    ) async throws -> Value {
        let workers = WorkerProcesses(
            .init(
                command: ["bench", "worker"],
                environment: ["USHER_DATABASE_URL": cluster.connectionURL(), "USHER_LOG_LEVEL": "warning"],
                arguments: options.arguments,
                // Removed with the server.
                folder: cluster.folder
            )
        )
        let result: Result<Value, any Error>
        do {
            for number in 1...count { try await workers.start(number) }
            result = .success(try await body(workers))
        } catch {
            result = .failure(error)
        }
        await workers.stop()
        return try result.get()
    }

    func count(_ statement: Statement) async throws -> Int {
        try await pool.session { db throws(PostgresError) in try db.one(statement, as: Int.self) }
    }

    func execute(_ statement: Statement) async throws {
        try await pool.session { db throws(PostgresError) in _ = try db.execute(statement) }
    }

    /// Leaves nothing of a load to be done during the measurement: statistics, visibility, dirty pages.
    func settle() async throws {
        try await execute("vacuum (analyze)")
        try await execute("checkpoint")
    }
}

// MARK: - Waiting

extension QueueWorld {
    /// Waits until so many attempts were drawn since the mark and nothing is left to do.
    ///
    /// The queue's tables are not looked at before: that would cost the server what is being measured.
    func waitUntilDrained(_ jobs: Int, since mark: HistoryMark, _ workers: WorkerProcesses) async throws {
        while true {
            try check(workers)
            if try await claims(since: mark) >= jobs, try await isEmpty() { return }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// How many attempts were drawn since the mark; cheap, whatever the history's size.
    func claims(since mark: HistoryMark) async throws -> Int {
        try await count("select last_value from usher.attempt_id") - mark.attemptID
    }

    private func isEmpty() async throws -> Bool {
        try await pool.session { db throws(PostgresError) in
            try db.one(
                "select not exists (select from usher.ready) and not exists (select from usher.lease)",
                as: Bool.self
            )
        }
    }

    /// - Throws: ``Failure`` if a worker process is gone, with the end of its log.
    func check(_ workers: WorkerProcesses) throws {
        for (number, process) in workers.processes where ProcessMemory.peak_MiB(of: "\(process)") == nil {
            let log = (try? String(contentsOfFile: workers.log(of: number), encoding: .utf8)) ?? ""
            let lines = log.split(separator: "\n").suffix(5).map(String.init)
            throw Failure("worker process \(number) ended before its time", details: lines)
        }
    }
}
