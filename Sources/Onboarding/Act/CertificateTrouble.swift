import JobQueue

/// Why a tenant's certificate cannot be sent; none of it costs a call or an attempt.
enum CertificateTrouble: Error {
    /// The worker has no key ring.
    case noKeys
    /// Sealed to a key that the worker does not hold.
    case missingKey(SealingError)
    /// What is stored cannot be opened, or is another certificate's.
    case notAuthentic(SealingError)
    /// Retired since it was judged; the job runs again.
    case retired(Int64)
    /// What was stored by SQL or HTTP is no certificate, or the key is another's.
    case unusable(CertificateProblem)
}

extension CertificateTrouble {
    /// Who must act.
    var actor: JobActor {
        switch self {
        case .noKeys, .missingKey, .notAuthentic, .retired: .operator
        case .unusable: .tenant
        }
    }

    /// In the words of `usher.deferred.reason`: jobs that wait for a key are woken once a worker holds it.
    var reason: String {
        switch self {
        case .noKeys, .missingKey: "missing_key"
        case .notAuthentic, .retired: "waiting_operator"
        case .unusable: "waiting_tenant"
        }
    }
}

extension CertificateTrouble: CustomStringConvertible {
    var description: String {
        switch self {
        case .noKeys: "the certificate's key is sealed, and this worker has no key ring: set USHER_KEYS_FILE"
        case .missingKey(let error), .notAuthentic(let error): "\(error)"
        case .retired(let number): "certificate \(number) was retired meanwhile: put another"
        case .unusable(let problem): "the certificate cannot be used: \(problem)"
        }
    }
}
