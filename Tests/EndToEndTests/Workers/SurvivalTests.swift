import Foundation
import Logging
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing
import usher

struct SurvivalTests {
    @Test func `workers outlive an immediate restart of the server and finish`() async throws {
        let cluster = try await LocalCluster.start(.fast)
        let url = cluster.connectionURL()
        let migrator = Migrator(
            folder: MigrationsFolder.path,
            settings: ConnectionSettings(url: url),
            logger: .quiet
        )
        _ = try await migrator.up()
        try await WorkerWorld.with(database: url) { world in
            try await world.prepare()
            for number in [1, 2] { try await world.workers.start(number) }
            for number in 0..<20 { try await world.enqueue("h\(number).acme-usher.com") }
            #expect(try await eventually { world.simulator.snapshot().hostnames.count >= 5 })
            try await cluster.restart(immediate: true)
            #expect(try await eventually { try await world.enforced() == 20 })
            #expect(world.simulator.snapshot().hostnames.count == 20)
            #expect(world.simulator.snapshot().counters.equalPatches == 0)
            #expect(try await eventually { try await world.historyIsSound(jobs: 20) })
        }
        await cluster.stop()
    }

    @Test(.database) func `a private key is in no log, at trace level, whatever the provider does`() async throws {
        try await WorkerWorld.with(logLevel: "trace") { world in
            try await world.prepare()
            let name = "bank.acme-usher.com"
            try await world.enqueue(name, HostnameWish(customCertificate: true))
            let key = try await world.putCertificate(for: name)
            world.simulator.setFaults(
                FaultPlan(rules: [
                    .init(.internalError, .next(1), operations: [.create]),
                    .init(.badGateway, .next(1), operations: [.create]),
                    .init(.replyLost, .next(1), operations: [.create]),
                ])
            )
            try await world.workers.start(1)
            #expect(try await eventually { try await world.enforced() == 1 })
            await world.workers.stop()
            let log = try String(contentsOfFile: world.workers.log(of: 1), encoding: .utf8)
            #expect(log.contains("create"), "the log tells of the calls")
            #expect(!log.contains("PRIVATE KEY"))
            #expect(!log.contains(SimulatorConfiguration.demoToken))
            let body = key.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
            for start in stride(from: 0, to: body.count - 32, by: 8) {
                #expect(!log.contains(body.dropFirst(start).prefix(32)))
            }
        }
    }
}

extension WorkerWorld {
    /// Stores a certificate of the tenant's own for a hostname and answers its key.
    fileprivate func putCertificate(for name: String) async throws -> String {
        let now = VirtualInstant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        let issued = try CertificateAuthority(start: now).issue(
            names: [name],
            key: .p256,
            notBefore: now.adding(seconds: -86_400),
            notAfter: now.adding(seconds: 90 * 86_400)
        )
        let sealed = try SealedCertificate(
            chainPEM: issued.chainPEM,
            key: PrivateKeyPEM(text: issued.keyPEM),
            tenant: "acme",
            hostname: name,
            sealingTo: publicKey
        )
        _ = try await CertificateStore(pool: pool).put(sealed, tenant: "acme", hostname: name)
        return issued.keyPEM
    }
}

/// The project's migrations, found from this file.
private enum MigrationsFolder {
    static var path: String {
        var folder = URL(filePath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appending(path: "migrations").path()
    }
}
