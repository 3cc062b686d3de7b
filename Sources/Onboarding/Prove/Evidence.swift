import Foundation
import Postgres
package import TLSPolicy

/// A proof, with the state of the hostname's wishes that it was held against.
package struct Evidence: Hashable, Sendable {
    package let proof: Proof
    package let generation: Int64
    /// The revision, such as `gold@7`.
    package let policy: String

    package init(proof: Proof, generation: Int64, policy: String) {
        self.proof = proof
        self.generation = generation
        self.policy = policy
    }
}

extension Evidence {
    /// The row to keep, written if the condition holds.
    func statement(hostname: Int64, where condition: Statement) -> Statement {
        """
        insert into usher.evidence
            (hostname_id, hostname, tenant, policy, generation, address, wanted, seen, mismatches, result)
        select hostname_id, name, tenant, \(policy), \(generation), \(proof.seen.first?.address), \(json(proof.wanted)),
               \(json(proof.seen)), \(json(proof.mismatches)), \(proof.result.rawValue)
        from usher.hostname where hostname_id = \(hostname) and released_at is null and \(condition)
        """
    }

    private func json(_ value: some Encodable) -> JSONText {
        guard let bytes = try? JSONEncoder().encode(value) else {
            preconditionFailure("evidence holds nothing JSON cannot carry")
        }
        return JSONText(String(decoding: bytes, as: UTF8.self))
    }
}
