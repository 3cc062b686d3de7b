import Foundation
import TLSPolicy
import Testing

/// Guards, steps and windows: how one promise becomes another.
@Suite struct OperationTests {
    @Test func `of several guards the lowest of each number counts, and a tier without has the standing ones`() {
        #expect(Guards.strictest(of: []) == Guards())
        #expect(Guards.strictest(of: [TierPolicy()]) == Guards())
        let loose = TierPolicy(
            guards: Guards(maximumChangePercent: 50, maximumDeletePercent: 0, minimumPopulation: 100)
        )
        #expect(Guards.strictest(of: [loose]).maximumChangePercent == 50)
        let both = Guards(maximumChangePercent: 10, maximumDeletePercent: 0, minimumPopulation: 10)
        #expect(Guards.strictest(of: [loose, TierPolicy()]) == both)
        #expect(Guards.strictest(of: [TierPolicy(), loose]) == both)
    }

    @Test func `numbers rise, percentages rise, and percentages follow numbers`() {
        let steps: [RolloutSteps.Step] = [.hostnames(1), .hostnames(25), .percent(1), .percent(100)]
        for (place, step) in steps.enumerated() {
            for (other, before) in steps.enumerated() {
                #expect(step.follows(before) == (other < place), "\(before) then \(step)")
            }
        }
    }

    @Test func `steps and times are stored as they are written`() throws {
        var random = SeededRandom()
        for _ in 0..<500 {
            let policy = random.tierPolicy()
            let data = try JSONEncoder().encode(policy)
            #expect(try JSONDecoder().decode(TierPolicy.self, from: data) == policy)
        }
        let steps: [RolloutSteps.Step] = [.hostnames(25), .percent(100)]
        #expect(String(decoding: try JSONEncoder().encode(steps), as: UTF8.self) == #"["25","100%"]"#)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([RolloutSteps.Step].self, from: Data(#"["all"]"#.utf8))
        }
    }

    @Test func `every minute of a day is read and written, and nothing else`() {
        for minute in 0..<1440 {
            let text = String(format: "%02d:%02d", minute / 60, minute % 60)
            #expect(MaintenanceWindow.TimeOfDay(text)?.minutes == minute)
            #expect(MaintenanceWindow.TimeOfDay(text)?.description == text)
        }
        for text in ["", "24:00", "23:60", "9:00", "09:0", "0900", "09.00", "09:000", "٠٩:00", " 09:00", "-9:00"] {
            #expect(MaintenanceWindow.TimeOfDay(text) == nil, "\(text)")
        }
    }

    /// The minutes of the week a window is open, one by one.
    private func minutes(_ window: MaintenanceWindow) -> Set<Int> {
        var open: Set<Int> = []
        for (place, day) in MaintenanceWindow.Weekday.allCases.enumerated() where window.days.contains(day) {
            for minute in 0..<window.durationMinutes {
                open.insert((place * 1440 + window.start.minutes + minute) % 10_080)
            }
        }
        return open
    }

    @Test func `windows overlap if they share a minute of the week, a clock and a kind of work`() {
        var random = SeededRandom()
        var overlapping = 0
        for _ in 0..<400 {
            let left = random.window()
            let right = random.window()
            let shares =
                left.timezone == right.timezone && !Set(left.appliesTo).isDisjoint(with: right.appliesTo)
                && !minutes(left).isDisjoint(with: minutes(right))
            random.expect(left.overlaps(right) == shares)
            random.expect(right.overlaps(left) == shares)
            overlapping += shares ? 1 : 0
        }
        #expect((10...390).contains(overlapping))
    }
}
