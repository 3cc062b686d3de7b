/// Runs a measurement that must end: by its own, after the limit, or when somebody presses Ctrl-C.
///
/// In the last two cases it is cancelled, and has cleaned up when this throws.
func bounded<Value: Sendable>(
    by limit: Duration,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { tasks in
        defer { tasks.cancelAll() }
        tasks.addTask { try await body() }
        tasks.addTask {
            try await Task.sleep(for: limit)
            throw Failure("the bench was not done within \(Span(limit)) and was stopped; nothing is shown")
        }
        tasks.addTask {
            await InterruptSignal.wait()
            throw Failure("stopped by a signal; nothing is shown")
        }
        guard let value = try await tasks.next() else { throw CancellationError() }
        return value
    }
}
