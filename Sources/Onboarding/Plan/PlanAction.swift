/// What a plan does about one hostname.
package enum PlanAction: String, CaseIterable, Hashable, Sendable, Codable {
    /// The provider has no such hostname, or a dead one.
    case create
    case change
    /// Something would become weaker: left as it is until a person approves.
    case approve
    /// Contradicts itself, or is held at the provider: nothing is done.
    case refuse
    /// Nothing to do now; somebody else must move.
    case wait
    case unchanged

    /// Whether a plan that is carried out queues the hostname.
    ///
    /// - Parameter approvingWeakening: Whether the person who has it carried out approves what it weakens.
    package func isCarriedOut(approvingWeakening: Bool) -> Bool {
        self == .create || self == .change || (self == .approve && approvingWeakening)
    }
}
