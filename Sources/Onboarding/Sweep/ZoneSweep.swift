package import Cloudflare
import JobQueue
package import Logging
package import Postgres
import ServiceLifecycle

/// Reads the zone by list pages for everybody who waits: 1 call for up to 1,000 hostnames instead of 1 call each.
package struct ZoneSweep: Service {
    private let store: SweepStore
    private let provider: any HostnameProvider
    private let admission: Admission
    private let time: ProviderTime
    private let perPage: Int
    private let logger: Logger

    package init(
        pool: PostgresPool,
        zoneID: String,
        provider: any HostnameProvider,
        admission: Admission,
        time: ProviderTime,
        perPage: Int = 1000,
        logger: Logger
    ) {
        store = SweepStore(pool: pool, zoneID: zoneID)
        self.provider = provider
        self.admission = admission
        self.time = time
        self.perPage = perPage
        self.logger = logger
    }

    /// Looks every few seconds of provider time whether a reading is due, until shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: min(.seconds(1), time.local(.seconds(10))))
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

    private func sweepIfDue() async throws {
        let first = time.local(SweepSchedule.first)
        guard try await store.takeTurn(first: first, limit: .seconds(60)) else { return }
        _ = try await readPages()
        let youngest = try await store.youngestWait() ?? .zero
        let pause = SweepSchedule.pause(youngestWait: time.provider(youngest))
        try await store.finish(nextIn: time.local(pause))
    }

    /// One reading of the whole zone; answers how many jobs it woke.
    package func readPages() async throws -> Int {
        let start = try await store.moment()
        var woken = 0
        var page = 1
        while true {
            let moment = try await store.moment()
            try await admission.admit(.call)
            let answer = try await provider.listHostnames(page: page, perPage: perPage, filter: .all)
            woken += try await store.store(answer.value.hostnames, readAt: moment)
            if answer.value.isLast { break }
            page += 1
        }
        woken += try await store.wakeUnseen(since: start)
        logger.info("zone read", metadata: ["pages": "\(page)", "woken": "\(woken)"])
        return woken
    }
}
