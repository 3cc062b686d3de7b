import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing

/// A key that a worker does not hold, or cannot use, leaves one hostname waiting for the one who can help.
@Suite(.database)
struct MissingKeyTests {
    private let name = "shop.acme.com"
    private let certificates: TenantCertificates
    private let custom = HostnameWish(customCertificate: true)

    init() throws {
        certificates = try TenantCertificates()
    }

    private func write(_ keys: [PrivateSealingKey], to file: URL) throws {
        let text = keys.map { $0.reveal() + "\n" }.joined()
        _ = FileManager.default.createFile(
            atPath: file.path() + ".new",
            contents: Data(text.utf8),
            attributes: [.posixPermissions: 0o600]
        )
        try? FileManager.default.removeItem(at: file)
        try FileManager.default.moveItem(atPath: file.path() + ".new", toPath: file.path())
    }

    @Test func `the key's id is named, nothing is spent, and the key file's change brings it on`() async throws {
        let (held, lost) = (PrivateSealingKey(), PrivateSealingKey())
        let file = FileManager.default.temporaryDirectory.appending(path: "usher-keys-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try write([held], to: file)
        let workerKeys = try WorkerKeys(file: file.path())
        try await OnboardingWorld.with(keys: KeyRing(current: held), workerKeys: workerKeys) { world in
            try await world.tier("gold", Policies.modern)
            try await certificates.put(name, sealedTo: lost.publicKey, world)
            try await world.enqueue(name, custom)
            try await world.work()
            #expect(world.calls(.create) == 0)
            #expect(try await world.standing(name) == "waiting")
            #expect(try await world.message(name).contains("sealed to key \(lost.id)"))
            #expect(try await world.rows("usher.hostname", "standing_actor = 'operator'") == 1)
            #expect(try await world.rows("usher.deferred", "reason = 'missing_key' and attempts = 0") == 1)

            let store = SealingKeyStore(pool: world.pool)
            #expect(try await store.wake(for: [held.id]) == 0, "of no use to it")
            try write([held, lost], to: file)
            #expect(try workerKeys.refresh())
            #expect(try await store.wake(for: workerKeys.ring.ids) == 1)
            try await world.work()
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
        }
    }

    @Test func `a sealed key of another hostname opens nothing`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await certificates.put(name, world)
            try await certificates.put("www.acme.com", world)
            _ = try await world.pool.session { db throws(PostgresError) in
                try db.execute(
                    """
                    update usher.certificate set sealed_key = (select sealed_key from usher.certificate
                                                               where hostname = 'www.acme.com')
                    where hostname = \(name)
                    """
                )
            }
            try await world.enqueue(name, custom)
            try await world.work()
            #expect(world.calls(.create) == 0)
            #expect(try await world.standing(name) == "waiting")
            #expect(try await world.message(name).contains("was altered"))
        }
    }

    @Test func `a chain stored by SQL is read by the worker, and one that is none waits for the tenant`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            let number = try await certificates.put(name, world)
            func forget(_ change: Statement) async throws {
                _ = try await world.pool.session { db throws(PostgresError) in
                    try db.execute("update usher.certificate set \(change) where certificate_id = \(number)")
                }
            }
            try await forget("facts = '{}', chain_pem = regexp_replace(chain_pem, 'M', 'A')")
            try await world.enqueue(name, custom)
            try await world.work()
            #expect(world.calls(.create) == 0)
            #expect(try await world.standing(name) == "waiting")
            #expect(try await world.rows("usher.hostname", "standing_actor = 'tenant'") == 1)

            try await certificates.put(name, world)
            _ = try await world.pool.session { db throws(PostgresError) in
                try db.execute("update usher.certificate set facts = '{}' where retired_at is null")
            }
            try await world.work()
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
            #expect(try await world.rows("usher.certificate", "facts ->> 'serial' is not null") == 1)
        }
    }
}
