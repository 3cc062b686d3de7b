/// The side of the queue where work comes in, as a worker sees it.
///
/// All of it is for speed and order: a worker that never hears anything still finds its work by polling.
package protocol Intake: Sendable {
    /// Hears of new work until the task is cancelled; `heard` is called for each hint.
    func listen(_ heard: @escaping @Sendable () -> Void) async
    /// Has those who queue work call, if this worker is sure to hear them; answers whether it is.
    func fallAsleep() async throws -> Bool
    /// Takes that back: all slots are taken.
    func wakeUp() async throws
    /// Measures what the limits of admission need, and ends batches whose jobs have all ended; called about once a
    /// second by every worker.
    func tend() async throws
}
