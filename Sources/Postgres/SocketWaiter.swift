import CLibPQ
import Glibc

/// Why waiting for the server ended before the server answered.
enum Interruption: Error, Equatable {
    case deadline
    case cancelled
    /// `poll` itself failed, or there is no socket any more.
    case noSocket
}

/// A pipe whose only use is to end a `poll` from another thread.
final class WakePipe: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    /// Opens both ends close-on-exec and non-blocking; `nil` if the process has no descriptors left.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0 else { return nil }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Ends the current `poll`, or the next one; a full pipe is as good as one byte.
    func signal() {
        var byte: UInt8 = 0
        _ = write(writeEnd, &byte, 1)
    }

    fileprivate func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(readEnd, &bytes, bytes.count) > 0 {}
    }

    fileprivate func pollEntry() -> pollfd {
        pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
    }
}

/// What a socket is waited for, or found ready for.
struct SocketEvents: OptionSet {
    let rawValue: Int16

    static let read = SocketEvents(rawValue: Int16(POLLIN))
    static let write = SocketEvents(rawValue: Int16(POLLOUT))
}

/// Waits for a socket, a deadline or the end of the current task, whichever is first.
struct SocketWaiter {
    let wake: WakePipe
    let deadline: ContinuousClock.Instant?

    /// Throws if there is no point in starting: the task is cancelled or the deadline has passed.
    func check() throws(Interruption) {
        if Task.isCancelled { throw .cancelled }
        if let deadline, deadline <= .now { throw .deadline }
    }

    /// Returns what the socket is ready for; an error or hang-up of the peer counts as readable.
    func wait(for events: SocketEvents, on socket: Int32) throws(Interruption) -> SocketEvents {
        // A negative descriptor would make poll(2) ignore the entry and wait for ever.
        guard socket >= 0 else { throw .noSocket }
        while true {
            try check()
            var entries = [pollfd(fd: socket, events: events.rawValue, revents: 0), wake.pollEntry()]
            let ready = poll(&entries, nfds_t(entries.count), timeout_ms())
            guard ready >= 0 || errno == EINTR else { throw .noSocket }
            // A byte may be left from a task that was cancelled just as its query ended: only `check` decides.
            if entries[1].revents != 0 { wake.drain() }
            let found = entries[0].revents
            if found != 0 { return found & ~events.rawValue == 0 ? SocketEvents(rawValue: found) : .read }
        }
    }

    /// The time left for poll(2), rounded up so that it does not spin through the last millisecond; -1 is for ever.
    private func timeout_ms() -> Int32 {
        guard let deadline else { return -1 }
        let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
        return Int32(min(max(left.rounded(.up), 0), Double(Int32.max)))
    }
}
