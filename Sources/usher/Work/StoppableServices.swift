import ServiceLifecycle
import UnixSignals

/// Runs services until they end or signals end them, as `StopOrder` says.
struct StoppableServices: Sendable {
    let group: ServiceGroup
    /// How long draining may take in all, and how long leaving at once may.
    let drainTime: Duration
    let leaveTime: Duration
    /// Called once, when the first signal has come.
    let stopping: @Sendable () -> Void

    /// - Throws: What a service threw.
    func run() async throws -> StopOrder.Ending {
        let (events, sink) = AsyncStream.makeStream(of: StopOrder.Event.self)
        // Tasks that nobody has to await: a service that hangs must not keep the process.
        let services = Task {
            defer { sink.yield(.left) }
            try await group.run()
        }
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let listening = Task { for await _ in signals { sink.yield(.signal) } }
        defer { listening.cancel() }
        let ending = await obey(events, sink, services)
        if ending == .inOrder { try await services.value }
        return ending
    }

    private func obey(
        _ events: AsyncStream<StopOrder.Event>,
        _ sink: AsyncStream<StopOrder.Event>.Continuation,
        _ services: Task<Void, any Error>
    ) async -> StopOrder.Ending {
        var order = StopOrder()
        var timers: [Task<Void, any Error>] = []
        defer { for timer in timers { timer.cancel() } }
        for await event in events {
            switch order.handle(event) {
            case .nothing: continue
            case .drain:
                stopping()
                await group.triggerGracefulShutdown()
                timers.append(timer(drainTime, .draining, sink))
            case .leaveAtOnce:
                services.cancel()
                timers.append(timer(leaveTime, .leaving, sink))
            case .end(let ending): return ending
            }
        }
        // The stream ends early only when this task was cancelled, and the services with it.
        services.cancel()
        return .inOrder
    }

    private func timer(
        _ time: Duration,
        _ stage: StopOrder.Stage,
        _ sink: AsyncStream<StopOrder.Event>.Continuation
    ) -> Task<Void, any Error> {
        Task {
            try await Task.sleep(for: time)
            sink.yield(.timeIsUp(stage))
        }
    }
}
