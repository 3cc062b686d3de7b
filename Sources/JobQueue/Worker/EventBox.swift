import Synchronization

/// Events on their way to one reader, who gets all there are at once.
///
/// What comes while it is busy is dealt with together.
package final class EventBox<Event: Sendable>: Sendable {
    private let waiting = Mutex<[Event]>([])
    private let signals: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    package init() {
        (signals, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Puts an event in and wakes the reader.
    package func post(_ event: Event) {
        let isFirst = waiting.withLock { events in
            events.append(event)
            return events.count == 1
        }
        if isFirst { bell.yield() }
    }

    /// Waits for events and takes all; `nil` when the reader is cancelled.
    package func takeAll() async -> [Event]? {
        for await _ in signals {
            let events = waiting.withLock { events in
                let taken = events
                events = []
                return taken
            }
            if !events.isEmpty { return events }
        }
        return nil
    }
}
