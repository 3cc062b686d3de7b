import Synchronization

/// The places of a pool, handed out in order of arrival; keeps who waits for one.
final class PoolPlaces: Sendable {
    /// What became of the wish for a place.
    enum Grant: Sendable {
        case use(PostgresConnection)
        case connect
        case interrupted(Interruption)
        case closed
    }

    private struct Waiter {
        let continuation: CheckedContinuation<Grant, Never>
        let timer: Task<Void, any Error>?
    }

    private struct State {
        var pool: PoolState<PostgresConnection>
        var waiters: [Int: Waiter] = [:]
        var lastWaiter = 0
    }

    private let state: Mutex<State>

    init(size: Int) {
        state = Mutex(State(pool: PoolState(size: size)))
    }

    /// Waits for a place; who is granted `use` or `connect` has to give it back.
    func take(until deadline: ContinuousClock.Instant?) async -> Grant {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                request(id, until: deadline, continuation)
            }
        } onCancel: {
            dismiss(id, .cancelled)
        }
    }

    func giveBack(_ connection: PostgresConnection?) {
        state.withLock { state in
            guard case .to(let id, let connection) = state.pool.giveBack(connection) else { return }
            Self.resume(state.waiters.removeValue(forKey: id), connection.map(Grant.use) ?? .connect)
        }
    }

    func close() {
        state.withLock { state in
            for id in state.pool.close() {
                Self.resume(state.waiters.removeValue(forKey: id), .closed)
            }
        }
    }

    private func request(
        _ id: Int,
        until deadline: ContinuousClock.Instant?,
        _ continuation: CheckedContinuation<Grant, Never>
    ) {
        state.withLock { state in
            // Looked at under the lock: a cancellation from now on finds the waiter when it gets the lock.
            if Task.isCancelled { return continuation.resume(returning: .interrupted(.cancelled)) }
            switch state.pool.request(id) {
            case .use(let connection): continuation.resume(returning: .use(connection))
            case .connect: continuation.resume(returning: .connect)
            case .closed: continuation.resume(returning: .closed)
            case .wait: state.waiters[id] = Waiter(continuation: continuation, timer: timer(id, deadline))
            }
        }
    }

    private func timer(_ id: Int, _ deadline: ContinuousClock.Instant?) -> Task<Void, any Error>? {
        deadline.map { deadline in
            Task {
                try await Task.sleep(until: deadline, clock: .continuous)
                dismiss(id, .deadline)
            }
        }
    }

    private func dismiss(_ id: Int, _ reason: Interruption) {
        state.withLock { state in
            state.pool.leave(id)
            Self.resume(state.waiters.removeValue(forKey: id), .interrupted(reason))
        }
    }

    private static func resume(_ waiter: Waiter?, _ grant: Grant) {
        waiter?.timer?.cancel()
        waiter?.continuation.resume(returning: grant)
    }
}
