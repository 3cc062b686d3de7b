/// How hard an edge may be asked.
package struct ProbeLimits: Hashable, Sendable {
    /// Connections to one address at once, of one process.
    package var concurrent = 8
    /// Connections to one address in a second, of one process.
    ///
    /// The provider allows 4 calls a second, so hardly more than 4 hostnames a second come to be proved, of 10
    /// connections each: proving never holds onboarding up.
    package var perSecond = 50.0
    /// From the first packet to the connection.
    package var connect: Duration = .seconds(5)
    /// From the connection to the answer.
    package var answer: Duration = .seconds(5)
    /// For one name, all its connections together.
    package var total: Duration = .seconds(30)
    /// Connections for one name; every suite at every version takes 72.
    package var connections = 80

    package init() {}
}

/// When the next connection to an address may be made: evenly spaced, as a value.
struct ProbePace: Sendable {
    private let spacing: Duration
    private var next: ContinuousClock.Instant?

    init(perSecond: Double) {
        spacing = .seconds(1 / max(perSecond, 0.1))
    }

    /// Takes the next turn; answers when it is.
    mutating func turn(now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let turn = max(now, next ?? now)
        next = turn + spacing
        return turn
    }
}

/// Lets connections to each address through a few at a time, and evenly.
actor ProbeGate {
    private struct Door {
        var pace: ProbePace
        var inside = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let limits: ProbeLimits
    private var doors: [String: Door] = [:]
    /// Doors that are remembered; beyond that idle ones are forgotten.
    private static let remembered = 1_000

    init(_ limits: ProbeLimits) {
        self.limits = limits
    }

    /// Returns when a connection to the address may be made; `leave` must follow.
    func enter(_ address: String) async {
        if doors.count > Self.remembered { doors = doors.filter { $0.value.inside > 0 } }
        var door = doors[address] ?? Door(pace: ProbePace(perSecond: limits.perSecond))
        if door.inside < limits.concurrent {
            door.inside += 1
            doors[address] = door
        } else {
            doors[address] = door
            await withCheckedContinuation { doors[address]?.waiting.append($0) }
        }
        let turn = doors[address]?.pace.turn(now: .now) ?? .now
        // Cancelled, it goes on at once: the caller looks for that itself.
        try? await Task.sleep(until: turn, clock: .continuous)
    }

    /// Gives the place to the next who waits.
    func leave(_ address: String) {
        guard var door = doors[address] else { return }
        if door.waiting.isEmpty { door.inside -= 1 } else { door.waiting.removeFirst().resume() }
        doors[address] = door
    }
}
