import Foundation
import Glibc
package import JobQueue
import Synchronization

/// Keeps the service manager that started this process (systemd with `Type=notify`) informed; does nothing without one.
package final class ServiceSupervision: Sendable {
    private let socket: NotifySocket?
    private let interval: Duration
    private let report: Mutex<ServiceReport>

    /// - Parameter environment: Where the manager says what it wants: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`.
    package init(slots: Int, environment: [String: String] = ProcessInfo.processInfo.environment) {
        socket = environment["NOTIFY_SOCKET"].flatMap(NotifySocket.init(address:))
        let process = environment["WATCHDOG_PID"].flatMap { Int32($0) } ?? getpid()
        let watchdog_us = process == getpid() ? environment["WATCHDOG_USEC"].flatMap { Int64($0) } : nil
        interval = watchdog_us.map { .microseconds($0 / 4) } ?? .seconds(30)
        report = Mutex(ServiceReport(slots: slots, isWatched: watchdog_us != nil))
    }

    /// The worker's loop tells how it gets on.
    package func hear(_ progress: WorkerProgress) {
        send(report.withLock { $0.hear(progress) })
    }

    /// The process was told to stop.
    package func stopping() {
        send(report.withLock { $0.stop() })
    }

    /// Runs until cancelled: a worker that drains is watched too.
    package func run() async {
        while socket != nil, !Task.isCancelled {
            guard (try? await Task.sleep(for: interval)) != nil else { return }
            send(report.withLock { $0.tick() })
        }
    }

    private func send(_ message: String?) {
        if let message { socket?.send(message) }
    }
}
