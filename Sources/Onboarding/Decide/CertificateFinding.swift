import Postgres
import TLSPolicy

/// That a certificate which was to be applied is not in date, kept once for each certificate and cause.
struct CertificateFinding: Hashable, Sendable {
    /// The closed list of `usher.certificate_finding.cause`.
    enum Cause: String, Sendable {
        case expired
        case notYetValid = "not_yet_valid"
        case endsSoon = "ends_soon"
    }

    var certificateID: Int64
    var cause: Cause
    var message: String
}

extension CertificateFinding.Cause {
    init?(_ kind: Contradiction.Kind) {
        switch kind {
        case .certificateExpired: self = .expired
        case .certificateNotYetValid: self = .notYetValid
        case .certificateEndsSoon: self = .endsSoon
        default: return nil
        }
    }
}

extension OnboardingContext {
    /// Which of the certificates are not in date, of what is judged to stand against them.
    func findings(of contradictions: [Contradiction]) -> [CertificateFinding] {
        contradictions.compactMap { contradiction in
            guard let cause = CertificateFinding.Cause(contradiction.kind),
                let subject = certificates.first(where: { contradiction.right.contains($0.facts.serial) })
            else { return nil }
            return CertificateFinding(
                certificateID: subject.certificateID,
                cause: cause,
                message: contradiction.description
            )
        }
    }
}

extension CertificateFinding {
    /// The write, fenced by the attempt's lease.
    func statement(where condition: Statement) -> Statement {
        """
        insert into usher.certificate_finding (certificate_id, cause, message)
        select \(certificateID), \(cause.rawValue), \(message) where \(condition)
        on conflict do nothing
        """
    }
}
