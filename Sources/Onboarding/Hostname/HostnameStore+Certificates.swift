import Foundation
import Postgres
import TLSPolicy

extension OnboardingContext.StoredCertificate {
    /// The certificates wanted for a hostname as a JSON array, newest first; null if there are none.
    ///
    /// - Parameters:
    ///   - tenant: A column.
    ///   - hostname: A column or a value.
    static func wanted(tenant: Statement, hostname: Statement) -> Statement {
        """
        (select jsonb_agg(jsonb_build_object('certificate_id', c.certificate_id)
                    -- Of one whose facts nobody has read yet, its chain.
                    || case c.facts when '{}' then jsonb_build_object('chain_pem', c.chain_pem)
                                    else jsonb_build_object('facts', c.facts) end order by c.certificate_id desc)
         from usher.certificate c
         where c.tenant = \(tenant) and c.hostname = \(hostname) and c.retired_at is null)
        """
    }
}

extension HostnameStore {
    /// A certificate with its sealed key, read by the call that sends it and by nothing else.
    struct Sealed: Sendable {
        var chainPEM: String
        var sealedKey: [UInt8]
        var keyID: String
        /// The database's clock, in seconds since 1970.
        var now: Int64
    }

    /// The chain and the sealed key of a certificate; `nil` once it is retired.
    func sealedCertificate(_ certificateID: Int64) async throws -> Sealed? {
        try await pool.session { db throws(PostgresError) in
            try db.first(
                """
                select chain_pem, sealed_key, key_id, extract(epoch from clock_timestamp())::bigint
                from usher.certificate
                where certificate_id = \(certificateID) and retired_at is null and sealed_key is not null
                """,
                as: (String, [UInt8], String, Int64).self
            ).map { Sealed(chainPEM: $0.0, sealedKey: $0.1, keyID: $0.2, now: $0.3) }
        }
    }

    /// Keeps what was read off the chain of a certificate that came without facts.
    func keep(_ certificate: OnboardingContext.StoredCertificate) async throws {
        let facts = JSONText(String(decoding: try JSONEncoder().encode(certificate.facts), as: UTF8.self))
        let begin = Timestamp(epochSeconds: Double(certificate.facts.notBefore))
        let end = Timestamp(epochSeconds: Double(certificate.facts.notAfter))
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute(
                "select usher.record_certificate_facts(\(certificate.certificateID), \(facts), \(begin), \(end))"
            )
        }
    }
}
