import Foundation
import Synchronization

/// The simulator's clock: real time, real time made faster, or time that only a test moves.
package final class VirtualClock: Sendable {
    /// How virtual time passes.
    package enum Pace: Hashable, Sendable {
        /// `factor` virtual seconds for each real second; 1 is real time.
        case scaled(Double)
        /// Only `step(seconds:)` moves the clock.
        case stepped
    }

    /// How virtual time passes; fixed for the clock's life.
    package let pace: Pace
    private let state: Mutex<State>

    /// Starts a clock at `start`, by default the present.
    package init(pace: Pace = .scaled(1), startingAt start: VirtualInstant? = nil) {
        self.pace = pace
        self.state = Mutex(State(base: start ?? .realNow, anchor: ContinuousClock.now))
    }

    /// The virtual present.
    package var now: VirtualInstant {
        state.withLock { $0.now(pace) }
    }

    /// Virtual seconds that pass while a client of the simulator counts one; 1 on a stepped clock.
    package var secondsPerClientSecond: Double {
        switch pace {
        case .scaled(let factor): factor
        case .stepped: 1
        }
    }

    /// How many wait for a stepped clock.
    package var sleepers: Int {
        state.withLock { $0.sleepers.count }
    }

    /// Moves the clock forward by so many virtual seconds and wakes those whose time has come.
    ///
    /// A sleeper on a scaled clock has already taken its real delay and is not woken early.
    package func step(seconds: Double) {
        let due = state.withLock { state -> [CheckedContinuation<Void, any Error>] in
            state.base = state.base.adding(seconds: max(0, seconds))
            return state.removeSleepers(dueAt: state.now(pace))
        }
        for sleeper in due { sleeper.resume() }
    }

    /// Waits until so many virtual seconds have passed.
    ///
    /// - Throws: `CancellationError` if the task is cancelled meanwhile.
    package func sleep(seconds: Double) async throws {
        switch pace {
        case .scaled(let factor): try await Task.sleep(for: .seconds(seconds / factor))
        case .stepped: try await sleepUntilStepped(now.adding(seconds: seconds))
        }
    }

    private func sleepUntilStepped(_ deadline: VirtualInstant) async throws {
        let id = state.withLock { $0.nextSleeper() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ends = state.withLock { state -> Result<Void, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.now(pace) >= deadline { return .success(()) }
                    state.sleepers[id] = (deadline, continuation)
                    return nil
                }
                if let ends { continuation.resume(with: ends) }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    private struct State {
        var base: VirtualInstant
        let anchor: ContinuousClock.Instant
        var sleepers: [Int: (deadline: VirtualInstant, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var lastSleeper = 0

        init(base: VirtualInstant, anchor: ContinuousClock.Instant) {
            self.base = base
            self.anchor = anchor
        }

        func now(_ pace: Pace) -> VirtualInstant {
            guard case .scaled(let factor) = pace else { return base }
            let elapsed = ContinuousClock.now - anchor
            return base.adding(seconds: elapsed / .seconds(1) * factor)
        }

        mutating func nextSleeper() -> Int {
            lastSleeper += 1
            return lastSleeper
        }

        mutating func removeSleepers(dueAt now: VirtualInstant) -> [CheckedContinuation<Void, any Error>] {
            let due = sleepers.filter { $0.value.deadline <= now }
            for id in due.keys { sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
    }
}

extension VirtualInstant {
    /// The real present, by the system's clock.
    package static var realNow: VirtualInstant {
        VirtualInstant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
