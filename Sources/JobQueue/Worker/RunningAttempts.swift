import Synchronization

/// The attempts in progress in this process, each in a task of its own that can be cancelled alone.
///
/// Unstructured tasks, because a task group cannot cancel one child; `cancelAll` awaits every one of them, so none
/// outlives the worker.
final class RunningAttempts: Sendable {
    private let handler: any JobHandler
    private let finish: @Sendable (Settlement) -> Void
    private let tasks = Mutex<[Int64: Task<Void, Never>]>([:])

    init(handler: any JobHandler, finish: @escaping @Sendable (Settlement) -> Void) {
        self.handler = handler
        self.finish = finish
    }

    func start(_ jobs: [ClaimedJob]) {
        tasks.withLock { tasks in
            for job in jobs {
                tasks[job.attemptID] = Task { [handler, finish] in
                    let settlement = await handler.run(job)
                    self.tasks.withLock { _ = $0.removeValue(forKey: job.attemptID) }
                    finish(settlement)
                }
            }
        }
    }

    /// Cancels these attempts; `nil` is all of them.
    func cancel(_ attemptIDs: Set<Int64>?) {
        tasks.withLock { tasks in
            for (attemptID, task) in tasks where attemptIDs?.contains(attemptID) ?? true { task.cancel() }
        }
    }

    func cancelAll() async {
        cancel(nil)
        for task in tasks.withLock({ Array($0.values) }) { await task.value }
    }
}

/// The number under which the store knows this process; it changes when the store gave the process up.
final class WorkerIdentity: Sendable {
    private let current: Mutex<(number: Int64, registeredAt: ContinuousClock.Instant)>

    var number: Int64 { current.withLock { $0.number } }
    var registeredAt: ContinuousClock.Instant { current.withLock { $0.registeredAt } }

    init(registering settings: WorkerSettings, in store: any JobStore) async throws {
        let moment = ContinuousClock.now
        let number = try await store.register(name: settings.name, lease: settings.lease)
        current = Mutex((number, moment))
    }

    func renew(with settings: WorkerSettings, in store: any JobStore) async throws -> ContinuousClock.Instant {
        let moment = ContinuousClock.now
        let number = try await store.register(name: settings.name, lease: settings.lease)
        current.withLock { $0 = (number, moment) }
        return moment
    }
}
