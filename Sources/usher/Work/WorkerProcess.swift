import AsyncHTTPClient
import Cloudflare
import Foundation
import JobQueue
import Logging
import Onboarding
import Postgres
import ServiceLifecycle
import TLSPolicy

/// How one worker process is set up, beside the settings every command has.
struct WorkerOptions: Sendable {
    var name = "\(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier)"
    var slots = 8
    var lease: Duration = .seconds(20)
    /// How long a worker that is told to stop waits for its jobs before it hands them back.
    var drainLimit: Duration = .seconds(20)
    /// Provider seconds in one of ours: 1 for the real provider, more for a simulator with a fast clock.
    var time = ProviderTime.real
    var capabilities = ProviderCapabilities.enterprise
    var proving = Proving.off
}

/// Puts a worker together and runs it until it is told to stop.
struct WorkerProcess {
    let database: ConnectionSettings
    let provider: Settings.Provider
    let keys: WorkerKeys?
    var errors = ErrorTable.standard
    let options: WorkerOptions
    let logger: Logger

    /// Runs until SIGTERM or SIGINT, then drains: no more claims, running jobs finish or are handed back.
    ///
    /// A second signal has it hand back everything at once.
    ///
    /// - Throws: If the database or the migrations are not as needed at the start; later trouble is survived.
    func run() async throws -> StopOrder.Ending {
        let settings = provider.cloudflareSettings
        let http = HTTPClient(configuration: settings.httpConfiguration)
        // The worker's slots, its heartbeat, its intake, the sweep and the replays each hold a connection for a moment.
        let pool = PostgresPool(database, size: 4, logger: logger)
        do {
            let ending = try await serve(pool, CloudflareClient(settings: settings, http: http, errors: errors))
            // Ends what calls there still are, should the services have been left behind.
            try await http.shutdown()
            pool.close()
            return ending
        } catch {
            try? await http.shutdown()
            pool.close()
            throw error
        }
    }

    private func serve(_ pool: PostgresPool, _ client: CloudflareClient) async throws -> StopOrder.Ending {
        let admission = Admission(budgets: PostgresBudgetStore(pool: pool), time: options.time)
        try await admission.declare(in: options.time)
        let sweep = ZoneSweep(
            pool: pool,
            zoneID: provider.zone,
            provider: client,
            admission: admission,
            time: options.time,
            turn: options.lease,
            logger: logger
        )
        let onboarding = OnboardHostname(
            pool: pool,
            zoneID: provider.zone,
            provider: client,
            admission: admission,
            time: options.time,
            capabilities: options.capabilities,
            keys: keys,
            proving: options.proving,
            sweep: sweep,
            logger: logger
        )
        let supervision = ServiceSupervision(slots: options.slots)
        let worker = Worker(
            settings: WorkerSettings(
                name: options.name,
                slots: options.slots,
                lease: options.lease,
                drainLimit: options.drainLimit
            ),
            store: PostgresJobStore(pool: pool, wallClock: { Date() }),
            handler: onboarding,
            intake: PostgresIntake(pool: pool, settings: database, logger: logger),
            logger: logger,
            progress: supervision.hear
        )
        let replays = ReplayStepper(pool: pool, logger: logger)
        // A connection for the schedule, whose work may take minutes, and one for the counts.
        let upkeepPool = PostgresPool(database.patient, size: 2, logger: logger)
        defer { upkeepPool.close() }
        let upkeep = Upkeep(pool: upkeepPool, logger: logger)
        let keyWatch = keys.map { [KeyWatch(keys: $0, pool: pool, logger: logger)] } ?? []
        let watching = Task { await supervision.run() }
        defer { watching.cancel() }
        // Last is stopped first: the worker drains while the others still run.
        return try await StoppableServices(
            group: ServiceGroup(services: keyWatch + [upkeep, sweep, replays, worker], logger: logger),
            // Beyond the limit: the cancelled jobs come to rest and are handed back.
            drainTime: options.drainLimit + .seconds(10),
            leaveTime: .seconds(3),
            stopping: supervision.stopping
        ).run()
    }
}

extension ConnectionSettings {
    /// The same for statements that may take minutes.
    fileprivate var patient: ConnectionSettings {
        var settings = self
        settings.statementTimeout = .seconds(600)
        settings.defaultDeadline = .seconds(660)
        return settings
    }
}
