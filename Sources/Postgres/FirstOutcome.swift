/// What came first: the end of some work, or of the patience for it.
enum FirstOutcome<Value: Sendable>: Sendable {
    case finished(Value)
    case interrupted(Interruption)
}

/// Waits for work that cannot be stopped, but no longer than the deadline or the life of the current task.
///
/// The work goes on when nobody waits for it any more; its value is dropped.
func firstOutcome<Value: Sendable>(
    until deadline: ContinuousClock.Instant?,
    of work: @escaping @Sendable () async -> Value
) async -> FirstOutcome<Value> {
    let (outcomes, continuation) = AsyncStream<FirstOutcome<Value>>.makeStream()
    Task { continuation.yield(.finished(await work())) }
    let timer = deadline.map { deadline in
        Task {
            try await Task.sleep(until: deadline, clock: .continuous)
            continuation.yield(.interrupted(.deadline))
        }
    }
    defer { timer?.cancel() }
    for await outcome in outcomes { return outcome }
    // A stream ends early for one reason only: the task that reads it was cancelled.
    return .interrupted(.cancelled)
}
