package import Foundation
import JobQueue
package import Postgres

/// A stored certificate as a list shows it; nothing of its key but the id of what it is sealed to.
package struct CertificateSummary: Sendable, Encodable {
    package let certificateID: Int64
    package let tenant: String
    package let hostname: String
    package let fingerprint: String
    package let keyID: String
    package let notBefore: Date
    package let notAfter: Date
    /// `rsa` or `ecdsa`: a hostname serves one of each at most.
    package let keyKind: String
    /// `wanted`; `replaced`, its key kept until the other is seen in force; `retired`, its key gone.
    package let state: String
}

/// The certificates that tenants bring.
package struct CertificateStore: Sendable {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Stores a certificate in the place of the one of the same kind of key; the same one again changes nothing.
    ///
    /// - Parameter hostname: The canonical A-label that the key was sealed for.
    /// - Returns: The certificate's number.
    package func put(_ certificate: SealedCertificate, tenant: String, hostname: String) async throws -> Int64 {
        let facts = JSONText(String(decoding: try JSONEncoder().encode(certificate.facts), as: UTF8.self))
        let notBefore = Timestamp(epochSeconds: Double(certificate.notBefore))
        let notAfter = Timestamp(epochSeconds: Double(certificate.notAfter))
        return try await pool.transaction { db throws(PostgresError) in
            try db.one(
                """
                select usher.put_certificate(\(tenant), \(hostname), \(certificate.chainPEM),
                    \(certificate.sealedKey.bytes), \(certificate.keyID.text), \(facts), \(certificate.fingerprint),
                    \(notBefore), \(notAfter))
                """,
                as: Int64.self
            )
        }
    }

    /// The stored certificates, those that end first before the others.
    package func list(
        tenant: String? = nil,
        includingRetired: Bool = false
    ) async throws(PostgresError) -> [CertificateSummary] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select certificate_id, tenant, hostname, fingerprint, key_id, not_before, not_after, key_kind,
                       case when shredded_at is not null then 'retired' when retired_at is not null then 'replaced'
                            else 'wanted' end
                from usher.certificate
                where (\(tenant) is null or tenant = \(tenant)) and (\(includingRetired) or retired_at is null)
                order by not_after, certificate_id
                """,
                as: (Int64, String, String, String, String, Timestamp, Timestamp, String, String).self
            ).map { row in
                CertificateSummary(
                    certificateID: row.0,
                    tenant: row.1,
                    hostname: row.2,
                    fingerprint: row.3,
                    keyID: row.4,
                    notBefore: row.5.date,
                    notAfter: row.6.date,
                    keyKind: row.7,
                    state: row.8
                )
            }
        }
    }

    /// All that is stored of a certificate but its key, as JSON.
    package func document(_ certificateID: Int64) async throws(PostgresError) -> JSONText {
        try await pool.session { db throws(PostgresError) in
            try db.one("select usher.certificate_status(\(certificateID))", as: JSONText.self)
        }
    }

    /// Takes a certificate out of use and shreds its key; false if that was done before.
    ///
    /// Throws SQLSTATE UE016 while a hostname cannot do without it, unless forced.
    package func retire(
        _ certificateID: Int64,
        author: String,
        reason: String,
        force: Bool
    ) async throws(PostgresError) -> Bool {
        try await pool.transaction { db throws(PostgresError) in
            try db.actAs(author)
            return try db.one("select usher.retire_certificate(\(certificateID), \(reason), \(force))", as: Bool.self)
        }
    }
}
