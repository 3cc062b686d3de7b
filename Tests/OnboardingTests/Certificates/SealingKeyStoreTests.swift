import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing

/// The sealing keys in the database, and what it does not take.
@Suite(.database)
struct SealingKeyStoreTests {
    private static let name = "shop.acme.com"

    /// Every form in which somebody may hand over a key by mistake.
    private static func plaintexts() throws -> [(form: String, bytes: [UInt8])] {
        try [("P-256", TestKey.p256()), ("P-384", .p384()), ("RSA", .rsa())].flatMap { kind, key in
            [("PKCS#8", key.pkcs8), ("traditional", key.traditional)].flatMap { form, pem in
                let body = pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
                let der = Array(Data(base64Encoded: body) ?? Data())
                let hexadecimal = der.map { String(format: "%02x", $0) }.joined()
                let forms: [(String, [UInt8])] = [
                    ("PEM", Array(pem.utf8)), ("PEM after a byte order mark", [0xEF, 0xBB, 0xBF] + Array(pem.utf8)),
                    ("PEM in UTF-16", pem.utf8.flatMap { [$0, 0] }), ("base64", Array(body.utf8)),
                    ("hexadecimal", Array(hexadecimal.utf8)), ("DER", der),
                    ("DER and a line feed", der + [10]),
                    ("PEM in base64", Array(Data(pem.utf8).base64EncodedString().utf8)),
                ]
                return forms.map { (form: "\(kind) \(form) \($0.0)", bytes: $0.1) }
            }
        }
    }

    private func put(_ sealed: [UInt8], _ db: borrowing Session) throws(PostgresError) -> Int64 {
        try db.one(
            """
            select usher.put_certificate('acme', \(Self.name), 'chain', \(sealed), '0123456789abcdef', '{}', 'print',
                                         now(), now() + interval '90 days')
            """,
            as: Int64.self
        )
    }

    @Test func `a key that nobody sealed is refused in every form, and not told back`() async throws {
        let connection = try await TestDatabase.current.connect()
        for (form, bytes) in try Self.plaintexts() {
            let error = await #expect(throws: PostgresError.self, "\(form)") {
                try await connection.session { db throws(PostgresError) in try put(bytes, db) }
            }
            #expect(error?.sqlState?.rawValue == "UE010", "\(form)")
            let told = "\(error?.message ?? "") \(error?.detail ?? "") \(error?.hint ?? "")"
            #expect(!told.contains(String(decoding: bytes.suffix(40).prefix(20), as: UTF8.self)), "\(form)")
        }
        await connection.close()
    }

    @Test func `what is sealed is never taken for plaintext`() async throws {
        let key = PrivateSealingKey()
        let pem = TestKey.p256().pkcs8
        let connection = try await TestDatabase.current.connect()
        for round in 0..<200 {
            let context = SealingContext(tenant: "acme", hostname: Self.name, fingerprint: "\(round)")
            let sealed = try key.publicKey.seal(PrivateKeyPEM(text: pem), context: context)
            let isRefused = try await connection.session { db throws(PostgresError) in
                try db.one("select usher.is_unsealed(\(sealed.bytes))", as: Bool.self)
            }
            #expect(!isRefused)
        }
        await connection.close()
    }

    @Test func `rotation seals everything to the new key, and the old one can then be retired`() async throws {
        let (old, new) = (PrivateSealingKey(), PrivateSealingKey())
        try await OnboardingWorld.with(keys: KeyRing(current: old)) { world in
            let certificates = try TenantCertificates()
            try await world.tier("gold", Policies.modern)
            let store = SealingKeyStore(pool: world.pool)
            try await store.publish(old.publicKey, author: "jane", reason: "first")
            #expect(try await store.current() == old.publicKey)
            for number in 0..<7 { try await certificates.put("h\(number).acme.com", world) }
            try await store.publish(new.publicKey, author: "jane", reason: "yearly")
            let needed = await #expect(throws: PostgresError.self) {
                try await store.retire(old.id, author: "jane", reason: "yearly")
            }
            #expect(needed?.sqlState?.rawValue == "UE011")
            #expect(needed?.message.contains("7 certificates") == true)

            let ring = KeyRing(current: new, older: [old])
            let outcome = try await KeyRewrap(pool: world.pool, ring: ring, to: new.publicKey, batch: 2).run()
            #expect(outcome.rewrapped == 7 && outcome.overtaken == 0 && outcome.unopened.isEmpty)
            #expect(try await KeyRewrap(pool: world.pool, ring: ring, to: new.publicKey).run().rewrapped == 0)
            #expect(try await store.retire(old.id, author: "jane", reason: "yearly"))
            #expect(try await store.list().map(\.certificates) == [7, 0])
            #expect(try await world.rows("usher.audit", "actor = 'jane'") == 3)
            let late = await #expect(throws: PostgresError.self) {
                try await certificates.put("late.acme.com", sealedTo: old.publicKey, world)
            }
            #expect(late?.sqlState?.rawValue == "UE011")
        }
    }

    @Test func `a certificate put again with its key sealed to another is mended, and keeps its number`() async throws {
        let lost = PrivateSealingKey()
        try await OnboardingWorld.with(keys: KeyRing(current: PrivateSealingKey())) { world in
            let certificates = try TenantCertificates()
            try await world.tier("gold", Policies.modern)
            let issued = try certificates.issue(Self.name)
            let current = world.keys.current.publicKey
            let number = try await certificates.put(issued, Self.name, sealedTo: lost.publicKey, world.pool)
            #expect(try await certificates.put(issued, Self.name, sealedTo: current, world.pool) == number)
            #expect(try await world.rows("usher.certificate", "key_id = \(current.id.text)") == 1)
            #expect(try await world.rows("usher.certificate", "true") == 1)
        }
    }

    @Test func `a rewrap never overwrites what was put since it read the row`() async throws {
        let (old, new) = (PrivateSealingKey(), PrivateSealingKey())
        try await OnboardingWorld.with(keys: KeyRing(current: old)) { world in
            let certificates = try TenantCertificates()
            try await world.tier("gold", Policies.modern)
            try await SealingKeyStore(pool: world.pool).publish(new.publicKey, author: "jane", reason: "yearly")
            let number = try await certificates.put(Self.name, world)
            func rewrap() async throws -> Bool {
                let sealed = try new.publicKey.seal(
                    PrivateKeyPEM(text: TestKey.p256().pkcs8),
                    context: SealingContext(tenant: "acme", hostname: Self.name, fingerprint: "x")
                ).bytes
                return try await world.pool.session { db throws(PostgresError) in
                    try db.one(
                        "select usher.rewrap_certificate(\(number), \(old.id.text), \(new.id.text), \(sealed))",
                        as: Bool.self
                    )
                }
            }
            try await certificates.put(Self.name, world)
            #expect(try await !rewrap(), "replaced and shredded meanwhile")
            #expect(
                try await world.rows("usher.certificate", "key_id = \(old.id.text) and sealed_key is not null") == 1
            )
        }
    }
}
