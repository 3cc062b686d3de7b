package import Cloudflare
import JobQueue
package import Logging
package import Postgres
import ServiceLifecycle

/// Reads the zone by list pages for everybody who waits: 1 call for up to 1,000 hostnames instead of 1 call each.
package struct ZoneSweep: Service {
    private let store: SweepStore
    private let exceptions: ExceptionStore
    private let unclaimed: UnclaimedStore
    private let jobs: any JobStore
    private let provider: any HostnameProvider
    private let admission: Admission
    private let time: ProviderTime
    private let turn: Duration
    private let perPage: Int
    private let logger: Logger

    /// - Parameter turn: How long the turn to read is held for one page: a reader that dies is replaced after that.
    package init(
        pool: PostgresPool,
        zoneID: String,
        provider: any HostnameProvider,
        admission: Admission,
        time: ProviderTime,
        turn: Duration = .seconds(20),
        perPage: Int = 1000,
        logger: Logger
    ) {
        store = SweepStore(pool: pool, zoneID: zoneID)
        exceptions = ExceptionStore(pool: pool)
        unclaimed = UnclaimedStore(pool: pool)
        jobs = PostgresJobStore(pool: pool)
        self.provider = provider
        self.admission = admission
        self.time = time
        self.turn = turn
        self.perPage = perPage
        self.logger = logger
    }

    /// Looks every few seconds of provider time whether a reading is due, or the end of what a person decided, until
    /// shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: min(.seconds(1), time.local(.seconds(10))))
                await endExceptions()
                do {
                    // The client logs to the task's logger.
                    try await withLogger(logger) { _ in try await sweepIfDue() }
                } catch {
                    if Task.isCancelled { return }
                    logger.warning("the zone could not be read", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// On its own: a provider that is away holds up no end.
    private func endExceptions() async {
        do {
            let ended = try await exceptions.endDue()
            if ended > 0 { logger.info("overrides and entitlements ended", metadata: ["count": "\(ended)"]) }
        } catch {
            if Task.isCancelled { return }
            logger.warning("ends could not be looked for; tried again", metadata: ["error": "\(error)"])
        }
    }

    private func sweepIfDue() async throws {
        let first = time.local(SweepSchedule.first)
        let patience = time.local(SweepSchedule.streamPatience)
        let watch = time.local(SweepSchedule.watch)
        guard try await store.takeTurn(first: first, patience: patience, watch: watch, limit: turn) else { return }
        try await readInTurn()
    }

    /// Reads the zone for a job whose stored reading is too old to write upon, if many jobs are in that place.
    ///
    /// - Returns: False if the job had better look for itself.
    package func refresh() async throws -> Bool {
        switch try await store.takeTurn(staleAfter: time.local(SweepSchedule.freshness), limit: turn) {
        case .notWorthIt: return false
        case .taken:
            try await readInTurn()
        case .held:
            for _ in 0..<100 where try await store.isTurnHeld() {
                try await Task.sleep(for: .milliseconds(Int.random(in: 50...150)))
            }
        }
        return true
    }

    private func readInTurn() async throws {
        do {
            let (pages, _) = try await readPages()
            let youngest = try await store.youngestWait() ?? .zero
            let pause = SweepSchedule.pause(youngestWait: time.provider(youngest))
            try await store.finish(pages: pages, nextIn: time.local(pause))
        } catch {
            try? await store.giveUpTurn()
            throw error
        }
    }

    /// One reading of the whole zone; answers its pages, and how many jobs it woke.
    package func readPages() async throws -> (pages: Int, woken: Int) {
        let start = try await store.keepTurn(limit: turn)
        var reading = ZoneReading(perPage: perPage)
        var woken = 0
        var pages = 0
        while case .read(let page, let size) = reading.step {
            let unit = try await admission.admit(.call)
            let moment = try await store.keepTurn(limit: turn)
            pages += 1
            guard let answer = try await list(page, size, unit, &reading) else { continue }
            let fresh = reading.receive(answer)
            let changed = try await store.store(fresh, readAt: moment)
            try await unclaimed.store(fresh, readAt: moment)
            try await wake(changed)
            woken += changed.count
        }
        try await unclaimed.dropClaimed()
        if reading.step == .end(isWhole: true) {
            woken += try await lookForUnseen(since: start)
        } else {
            logger.warning("the provider's pages repeat themselves: nothing is taken for gone")
        }
        while try await store.placeDrifted() { woken += 1 }
        logger.info("zone read", metadata: ["pages": "\(pages)", "woken": "\(woken)"])
        return (pages, woken)
    }

    /// What a whole reading did not show is asked for by its id before it counts as gone: ours by their jobs.
    private func lookForUnseen(since start: Timestamp) async throws -> Int {
        let unseen = try await store.markUnseen(since: start)
        try await wake(unseen)
        if try await store.noteVanished(since: start) == nil {
            logger.error("many enforced hostnames are missing from the zone: nothing is taken for gone")
        }
        for providerID in try await unclaimed.unseen(since: start) {
            let unit = try await admission.admit(.call)
            let moment = try await store.keepTurn(limit: turn)
            if let hostname = try await hostname(providerID, unit) {
                try await unclaimed.store([hostname], readAt: moment)
            } else {
                try await unclaimed.remove(providerID)
            }
        }
        return unseen.count
    }

    /// The hostname with this id; `nil` once the provider says that there is none.
    private func hostname(_ providerID: String, _ unit: BudgetUnit) async throws -> CustomHostname? {
        do {
            return try await admission.perform(unit, for: nil) { () async throws(CloudflareError) in
                try await provider.getHostname(id: providerID)
            }.value
        } catch {
            if let error = error as? CloudflareError, error.class == .gone { return nil }
            throw error
        }
    }

    /// One page; `nil` if the reading begins again with smaller ones.
    private func list(
        _ page: Int,
        _ perPage: Int,
        _ unit: BudgetUnit,
        _ reading: inout ZoneReading
    ) async throws -> HostnamePage? {
        do {
            return try await admission.perform(unit, for: nil) { () async throws(CloudflareError) in
                try await provider.listHostnames(page: page, perPage: perPage, filter: .all)
            }.value
        } catch {
            guard let error = error as? CloudflareError else { throw error }
            if reading.refused(error) { return nil }
            if error.class == .throttled {
                let pause = max(error.retryAfter ?? time.local(.seconds(60)), time.local(.seconds(1)))
                try await admission.stopEverybody(for: pause, reason: error.description)
            }
            throw error
        }
    }

    /// Those held by somebody are tried again for a moment: a settlement lets go at once, and a caller's transaction
    /// that holds one for long has its job run anyway.
    private func wake(_ hostnames: [Int64]) async throws {
        var left = try await jobs.wake(subjects: hostnames)
        for _ in 0..<5 where !left.isEmpty {
            try await Task.sleep(for: .milliseconds(100))
            left = try await jobs.wake(subjects: left)
        }
    }
}
