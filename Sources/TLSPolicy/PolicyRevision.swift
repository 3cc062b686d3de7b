/// One immutable revision of a tier's policy, written `gold@7`.
package struct PolicyRevision: Hashable, Sendable {
    package let tier: String
    package let revision: Int
    package let policy: TierPolicy

    package init(tier: String, revision: Int, policy: TierPolicy) {
        self.tier = tier
        self.revision = revision
        self.policy = policy
    }
}

extension PolicyRevision: CustomStringConvertible {
    package var description: String { "\(tier)@\(revision)" }
}
