/// How many jobs a claim asked for and got, for whoever decides when to look again.
struct ClaimLog: Sendable {
    struct Entry: Sendable {
        let claimed: Int
        let wanted: Int
    }

    /// Only the newest counts.
    let entries: AsyncStream<Entry>
    private let continuation: AsyncStream<Entry>.Continuation

    init() {
        (entries, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func record(_ claimed: Int, of wanted: Int) {
        if wanted > 0 { continuation.yield(Entry(claimed: claimed, wanted: wanted)) }
    }
}

extension Worker {
    /// Looks at the queue when new work is heard of, and asks to be called while there are free slots.
    func listen(into events: EventBox<WorkerState.Event>) async {
        guard let intake else { return }
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { await intake.listen { events.post(.poll) } }
            tasks.addTask { await tend(intake) }
            var schedule = SleepSchedule()
            for await entry in claims.entries {
                switch schedule.claimed(entry.claimed, of: entry.wanted) {
                case .nothing: break
                case .sleep: if (try? await intake.fallAsleep()) == true { events.post(.poll) }
                case .sleepOn: _ = try? await intake.fallAsleep()
                case .rise: try? await intake.wakeUp()
                case .look(let pause):
                    tasks.addTask {
                        // Ends early only by cancellation, when nobody takes the event.
                        try? await Task.sleep(for: pause)
                        events.post(.poll)
                    }
                }
            }
            tasks.cancelAll()
        }
    }

    private func tend(_ intake: any Intake) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(Double.random(in: 0.8...1.2)))
            try? await intake.tend()
        }
    }
}
