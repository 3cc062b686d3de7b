import Foundation
import Onboarding
import Postgres
import Simulator
import TestSupport

extension WorkerWorld {
    /// A certificate for these names that begins yesterday, and its key; of an authority of its own.
    static func certificate(
        _ names: [String],
        key: CertificateAuthority.KeyType = .p256
    ) throws -> (chainPEM: String, keyPEM: String) {
        let now = VirtualInstant(microseconds: Int64(Date().timeIntervalSince1970) * 1_000_000)
        return try CertificateAuthority(start: now).issue(
            names: names,
            key: key,
            notBefore: now.adding(seconds: -86_400),
            notAfter: now.adding(seconds: 300 * 86_400)
        )
    }

    /// Stores a certificate for a hostname of `acme`, sealed to a key.
    func put(_ name: String, sealedTo key: PublicSealingKey) async throws {
        let issued = try Self.certificate([name])
        let sealed = try SealedCertificate(
            chainPEM: issued.chainPEM,
            key: PrivateKeyPEM(text: issued.keyPEM),
            tenant: "acme",
            hostname: name,
            sealingTo: key
        )
        _ = try await CertificateStore(pool: pool).put(sealed, tenant: "acme", hostname: name)
    }

    var keyFile: String { folder.url.appending(path: "usher.keys").path() }

    /// Runs the program on this world's database and key file.
    func usher(_ arguments: String..., input: String = "") async throws -> UsherProcess {
        let environment = [
            "USHER_DATABASE_URL": TestDatabase.current.url, "USHER_KEYS_FILE": keyFile, "USHER_LOG_LEVEL": "trace",
        ]
        return try await UsherProcess.run(arguments, environment: environment, input: input)
    }

    /// How many hostnames the simulated edge serves with a certificate of their tenant's.
    var servedWithOwnCertificate: Int {
        simulator.snapshot().hostnames.all.count { $0.certificate?.inForce?.uploads.count == 1 }
    }
}
