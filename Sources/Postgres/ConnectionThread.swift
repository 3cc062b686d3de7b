import Dispatch
import Foundation
import Synchronization

/// One thread that runs the jobs of one actor, so that a call of libpq that blocks holds up nobody else.
///
/// The cooperative pool has as many threads as the machine has cores: a blocked one is missing everywhere.
/// `DispatchSerialQueue`, an executor for free on Darwin, does not exist on Linux.
final class ConnectionThread: SerialExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let signals = DispatchSemaphore(value: 0)

    init(name: String) {
        let thread = Thread { [self] in
            while let job = next() {
                job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
        thread.name = name
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        signals.signal()
    }

    /// Ends the thread once the jobs given so far have run.
    func stop() {
        signals.signal()
    }

    /// The next job in order of arrival; a signal without a job is the one of `stop`.
    private func next() -> UnownedJob? {
        signals.wait()
        return jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
