package import Logging
import ServiceLifecycle
import Synchronization

/// Does one attempt at a job.
///
/// A job that fails is a settlement, not an error; a cancelled task answers `.released`.
package protocol JobHandler: Sendable {
    /// Does the attempt and tells how it ended.
    func run(_ job: ClaimedJob) async -> Settlement
}

/// How a worker process behaves.
package struct WorkerSettings: Sendable {
    /// How the worker is called in tables and logs, such as `host:pid`.
    package var name: String
    /// Jobs run at once.
    package var slots: Int
    /// Slots of these that are kept for jobs for which a person waits (priority 8 and 9).
    package var reserve: Int
    /// A worker that is not heard of for this long loses its jobs to others.
    package var lease: Duration
    /// Longest pause between two looks at the queue; each is drawn from its upper half.
    package var pollInterval: Duration
    /// How long a stopping worker waits for running jobs before it hands them back.
    package var drainLimit: Duration

    package init(
        name: String,
        slots: Int = 8,
        reserve: Int? = nil,
        lease: Duration = .seconds(20),
        pollInterval: Duration = .milliseconds(250),
        drainLimit: Duration = .seconds(20)
    ) {
        self.name = name
        self.slots = slots
        self.reserve = reserve ?? slots / 8
        self.lease = lease
        self.pollInterval = pollInterval
        self.drainLimit = drainLimit
    }
}

/// One worker process: claims jobs, runs them, settles them, keeps its lease, rescues what others dropped.
package struct Worker: Service {
    private let settings: WorkerSettings
    private let store: any JobStore
    private let handler: any JobHandler
    /// Where it hears of new work; without, it polls.
    let intake: (any Intake)?
    let claims = ClaimLog()
    private let logger: Logger
    private let progress: @Sendable (WorkerProgress) -> Void

    /// - Parameters:
    ///   - intake: Where it hears of new work.
    ///   - progress: Hears how the worker gets on.
    package init(
        settings: WorkerSettings,
        store: any JobStore,
        handler: any JobHandler,
        intake: (any Intake)? = nil,
        logger: Logger,
        progress: @escaping @Sendable (WorkerProgress) -> Void = { _ in }
    ) {
        self.settings = settings
        self.store = store
        self.handler = handler
        self.intake = intake
        self.logger = logger
        self.progress = progress
    }

    /// Runs until graceful shutdown, then drains.
    ///
    /// Losing the store is survived; only cancellation ends it at once, with what it holds handed back if the store can
    /// be reached.
    package func run() async throws {
        let events = EventBox<WorkerState.Event>()
        let attempts = RunningAttempts(handler: handler) { events.post(.finished($0)) }
        let identity = try await WorkerIdentity(registering: settings, in: store)
        logger.info("worker registered", metadata: ["worker": "\(identity.number)"])
        progress(.registered)

        await withTaskGroup { tasks in
            tasks.addTask { await poll(into: events) }
            tasks.addTask { await listen(into: events) }
            tasks.addTask { await keepLease(of: identity, attempts) }
            tasks.addTask { await rescueLoop() }
            tasks.addTask { await drainWhenTold(attempts) }
            await withGracefulShutdownHandler {
                await work(events, identity, attempts)
            } onGracefulShutdown: {
                events.post(.shutDown)
            }
            tasks.cancelAll()
        }
        await attempts.cancelAll()
        await leave(identity)
        logger.info("worker left", metadata: ["worker": "\(identity.number)"])
    }

    /// In a task of its own: this one may be cancelled, which is when there is something left to hand back.
    private func leave(_ identity: WorkerIdentity) async {
        await Task { [store] in
            try? await store.releaseUnknown(worker: identity.number, known: [])
            try? await store.stop(worker: identity.number)
        }.value
    }

    private func work(
        _ events: EventBox<WorkerState.Event>,
        _ identity: WorkerIdentity,
        _ attempts: RunningAttempts
    ) async {
        var state = WorkerState(slots: settings.slots, reserve: settings.reserve)
        await withDiscardingTaskGroup { exchanges in
            while let batch = await events.takeAll() {
                for event in batch {
                    state.note(event)
                    if case .exchanged(_, let claimed) = event { attempts.start(claimed) }
                }
                var action = state.next()
                while case .exchange(let order) = action {
                    exchanges.addTask { events.post(await exchange(order, identity, attempts)) }
                    action = state.next()
                }
                progress(.turned(running: state.running.count))
                if case .leave = action { return }
            }
        }
    }

    private func exchange(
        _ order: WorkerState.Order,
        _ identity: WorkerIdentity,
        _ attempts: RunningAttempts
    ) async -> WorkerState.Event {
        do {
            if let known = order.known { try await store.releaseUnknown(worker: identity.number, known: known) }
            let answer = try await store.exchange(
                worker: identity.number,
                settling: order.settling,
                claiming: order.claiming,
                reserved: order.reserved
            )
            for settlement in order.settling where !answer.accepted.contains(settlement.attemptID) {
                logger.warning(
                    "stale settlement, not applied",
                    metadata: ["job": "\(settlement.jobID)", "attempt": "\(settlement.attemptID)"]
                )
            }
            claims.record(answer.claimed.count, of: order.claiming)
            // Known as running before the first of them can finish.
            return .exchanged(order, answer.claimed)
        } catch {
            logger.warning("settling and claiming failed; tried again", metadata: ["error": "\(error)"])
            let settling = order.settling
            return .exchangeFailed(order, settling.count == 1 ? settling.map { $0.acceptable(after: error) } : settling)
        }
    }

    private func poll(into events: EventBox<WorkerState.Event>) async {
        while !Task.isCancelled {
            events.post(.poll)
            try? await Task.sleep(for: settings.pollInterval * Double.random(in: 0.5...1))
        }
    }

    private func keepLease(of identity: WorkerIdentity, _ attempts: RunningAttempts) async {
        var lease = LeaseGuard(lease: settings.lease, registeredAt: identity.registeredAt)
        while !Task.isCancelled {
            try? await Task.sleep(for: settings.lease / 4)
            let sentAt = ContinuousClock.now
            var action: LeaseGuard.Action
            do {
                let pulse = try await store.heartbeat(worker: identity.number, lease: settings.lease)
                action = lease.answered(alive: pulse.alive, sentAt: sentAt)
                attempts.cancel(pulse.cancelRequested)
            } catch {
                action = lease.unanswered(now: .now)
            }
            switch action {
            case .keepOn: break
            case .cancelWork:
                logger.warning("no heartbeat got through; stopping work before it is given away")
                attempts.cancel(nil)
            case .registerAnew:
                logger.warning("this worker was given up; registering anew")
                attempts.cancel(nil)
                if let moment = try? await identity.renew(with: settings, in: store) {
                    lease = LeaseGuard(lease: settings.lease, registeredAt: moment)
                }
            }
        }
    }

    private func rescueLoop() async {
        while !Task.isCancelled {
            // With the lease itself and a poll, a dead worker's jobs run again after less than 5/4 of the lease.
            try? await Task.sleep(for: settings.lease / 8 * Double.random(in: 0.5...1))
            if let moved = try? await store.rescue(maximum: 1000), moved > 0 {
                logger.notice("took back jobs of lost workers", metadata: ["jobs": "\(moved)"])
            }
        }
    }

    /// Gives running jobs their time once a shutdown has begun, then asks them to hand back.
    private func drainWhenTold(_ attempts: RunningAttempts) async {
        try? await gracefulShutdown()
        try? await Task.sleep(for: settings.drainLimit)
        attempts.cancel(nil)
    }
}
