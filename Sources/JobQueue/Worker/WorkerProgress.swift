/// How a worker gets on, told by its own loop; whoever hears it must be quick.
package enum WorkerProgress: Hashable, Sendable {
    /// The store knows the worker, which begins to ask for jobs.
    case registered
    /// The loop has come round: several times a second, unless the store keeps it waiting.
    case turned(running: Int)
}
