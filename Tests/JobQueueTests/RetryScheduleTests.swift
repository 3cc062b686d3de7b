import JobQueue
import Testing

struct RetryScheduleTests {
    private let schedule = RetrySchedule(base: .seconds(4), cap: .seconds(60), maximumAttempts: 5)

    @Test func `the last attempt is not followed by another`() {
        var generator = SystemRandomNumberGenerator()
        #expect(schedule.delay(afterAttempt: 4, using: &generator) != nil)
        #expect(schedule.delay(afterAttempt: 5, using: &generator) == nil)
        #expect(schedule.delay(afterAttempt: 6, using: &generator) == nil)
    }

    @Test(arguments: [(1, 4), (2, 8), (3, 16), (4, 32)])
    func `the delay is spread over the whole span and never beyond it`(number: Int, ceilingSeconds: Int) throws {
        var generator = SystemRandomNumberGenerator()
        var delays: [Duration] = []
        for _ in 0..<2000 {
            delays.append(try #require(schedule.delay(afterAttempt: number, using: &generator)))
        }
        #expect(delays.allSatisfy { $0 >= .seconds(1) && $0 <= .seconds(ceilingSeconds) })
        #expect(delays.contains { $0 > .seconds(ceilingSeconds) * 0.9 })
    }

    @Test func `what the provider asked for wins over a shorter draw`() {
        var generator = SystemRandomNumberGenerator()
        let delay = schedule.delay(afterAttempt: 1, atLeast: .seconds(30), using: &generator)
        #expect(delay == .seconds(30))
    }

    @Test func `a huge attempt number does not overflow`() {
        let patient = RetrySchedule(base: .seconds(4), cap: .seconds(60), maximumAttempts: .max)
        var generator = SystemRandomNumberGenerator()
        let delay = patient.delay(afterAttempt: 1_000_000, using: &generator)
        #expect(delay.map { $0 <= .seconds(60) } == true)
    }
}
