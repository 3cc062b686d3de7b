package import JobQueue

/// What a service manager is told of a worker, and when; the assignments are those of `sd_notify(3)`.
///
/// The watchdog is fed only if the worker's loop has come round since it was last fed: a loop that is stuck starves it,
/// and the manager restarts the process.
package struct ServiceReport: Sendable {
    private let slots: Int
    /// Whether the manager waits for `WATCHDOG=1`.
    private let isWatched: Bool
    private var isReady = false
    private var isStopping = false
    private var hasTurned = false
    private var running = 0

    package init(slots: Int, isWatched: Bool) {
        self.slots = slots
        self.isWatched = isWatched
    }

    /// The worker told how it gets on; answers what to send at once.
    package mutating func hear(_ progress: WorkerProgress) -> String? {
        switch progress {
        case .registered:
            defer { isReady = true }
            return isReady ? nil : "READY=1\n\(status)"
        case .turned(let running):
            hasTurned = true
            self.running = running
            return nil
        }
    }

    /// The process was told to stop.
    package mutating func stop() -> String? {
        isStopping = true
        return "STOPPING=1\n\(status)"
    }

    /// A quarter of the watchdog's time has passed: a loop that was slow once is fed for in time.
    package mutating func tick() -> String? {
        guard isReady else { return nil }
        defer { hasTurned = false }
        guard hasTurned else { return "STATUS=stuck: the loop has not come round" }
        return isWatched ? "WATCHDOG=1\n\(status)" : status
    }

    private var status: String {
        isStopping ? "STATUS=stopping, \(running) jobs run" : "STATUS=\(running) of \(slots) slots busy"
    }
}
