/// How a worker process leaves: decided here, done by `WorkerProcess`.
///
/// ```mermaid
/// stateDiagram-v2
///     working --> draining: a signal
///     draining --> leaving: another signal, or no time left
///     draining --> [*]: everything is finished or handed back
///     leaving --> [*]: handed back, a third signal, or no time left
/// ```
package struct StopOrder: Sendable {
    /// What happened.
    package enum Event: Hashable, Sendable {
        case signal
        /// The services have ended.
        case left
        /// The time given to a stage has run out.
        case timeIsUp(Stage)
    }

    /// How far it has come.
    package enum Stage: Hashable, Sendable {
        case working
        /// Claims no more, finishes what runs, hands back what does not end in time.
        case draining
        /// Hands back what it holds, finished or not.
        case leaving
    }

    /// What to do.
    package enum Action: Hashable, Sendable {
        case nothing
        case drain
        case leaveAtOnce
        case end(Ending)
    }

    /// How it came to its end.
    package enum Ending: Hashable, Sendable {
        case inOrder
        /// A second signal was in a hurry.
        case hurried
        /// Draining did not come to an end, as when the database is away.
        case overdue
    }

    package private(set) var stage = Stage.working
    private var ending = Ending.inOrder

    /// A process that works.
    package init() {}

    /// Takes in what happened and answers what to do.
    package mutating func handle(_ event: Event) -> Action {
        switch (event, stage) {
        case (.signal, .working):
            stage = .draining
            return .drain
        case (.signal, .draining):
            return leave(.hurried)
        case (.timeIsUp(.draining), .draining):
            return leave(.overdue)
        case (.signal, .leaving), (.timeIsUp(.leaving), .leaving), (.left, _):
            return .end(ending)
        case (.timeIsUp, _):
            return .nothing
        }
    }

    private mutating func leave(_ ending: Ending) -> Action {
        stage = .leaving
        self.ending = ending
        return .leaveAtOnce
    }
}
