import Simulator
import Testing

@Suite struct VirtualTimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777_000_000, "1994-11-06T08:49:37.000000Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_709_164_799_999_999, "2024-02-28T23:59:59.999999Z", "Wed, 28 Feb 2024 23:59:59 GMT"),
            (1_709_164_800_000_000, "2024-02-29T00:00:00.000000Z", "Thu, 29 Feb 2024 00:00:00 GMT"),
            (4_107_542_400_000_001, "2100-03-01T00:00:00.000001Z", "Mon, 01 Mar 2100 00:00:00 GMT"),
            (-1, "1969-12-31T23:59:59.999999Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] as [(Int64, String, String)]
    )
    func `moments are written as RFC 3339 and as HTTP dates`(_ microseconds: Int64, text: String, http: String) {
        #expect(VirtualInstant(microseconds: microseconds).rfc3339 == text)
        #expect(VirtualInstant(microseconds: microseconds).httpDate == http)
    }

    @Test func `a stepped clock moves only by steps`() {
        let clock = VirtualClock(pace: .stepped, startingAt: Provider.start)
        #expect(clock.now == Provider.start)
        clock.step(seconds: 0.5)
        clock.step(seconds: -9)
        #expect(clock.now == Provider.start.adding(seconds: 0.5))
        #expect(clock.secondsPerClientSecond == 1)
    }

    @Test func `a sleeper wakes when the clock reaches its time`() async throws {
        let clock = VirtualClock(pace: .stepped, startingAt: Provider.start)
        let sleeper = Task {
            try await clock.sleep(seconds: 10)
            return clock.now
        }
        while clock.sleepers == 0 { await Task.yield() }
        clock.step(seconds: 9.999999)
        #expect(clock.sleepers == 1)
        clock.step(seconds: 0.000001)
        #expect(try await sleeper.value == Provider.start.adding(seconds: 10))
    }

    @Test func `a cancelled sleeper leaves`() async {
        let clock = VirtualClock(pace: .stepped, startingAt: Provider.start)
        let sleeper = Task { try await clock.sleep(seconds: 10) }
        while clock.sleepers == 0 { await Task.yield() }
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(clock.sleepers == 0)
    }

    @Test func `a scaled clock runs faster than real time`() async throws {
        let clock = VirtualClock(pace: .scaled(1_000_000), startingAt: Provider.start)
        try await clock.sleep(seconds: 1_000)
        #expect(clock.now.seconds(since: Provider.start) >= 1_000)
        #expect(clock.secondsPerClientSecond == 1_000_000)
    }
}
