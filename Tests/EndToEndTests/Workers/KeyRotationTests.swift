import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing
import usher

/// The sealing key is changed while workers upload, and nobody notices.
@Suite(.database, .serialized)
struct KeyRotationTests {
    private struct Key: Decodable {
        let keyId: String
        let publicKey: String
    }

    @Test func `a rotation under load keeps every hostname served and leaves the old key removable`() async throws {
        try await WorkerWorld.with { world in
            try await world.prepare()
            let old = world.publicKey
            let names = (0..<24).map { "h\($0).acme-usher.com" }
            #expect(try await world.usher("keys", "publish", "--reason", "first").status == 0)
            for name in names {
                try await world.put(name, sealedTo: old)
                try await world.enqueue(name, HostnameWish(customCertificate: true))
            }
            try await world.workers.start(1)
            try await world.workers.start(2)
            #expect(try await eventually { try await world.enforced() >= 4 })

            // In the middle of it all: a new key in the file, published; renewals come sealed to it meanwhile.
            let rotated = try await world.usher("keys", "rotate", "--json").document(as: Key.self)
            let new = try PublicSealingKey(text: rotated.publicKey)
            #expect(try await world.usher("keys", "publish", "--reason", "yearly").status == 0)
            async let renewals: Void = {
                for name in names.prefix(8) { try await world.put(name, sealedTo: new) }
            }()
            let early = try await world.usher("keys", "retire", old.id.text, "--reason", "yearly")
            #expect(early.status != 0 && early.errors.contains("still opens"))
            let rewrap = try await world.usher("keys", "rewrap", "--batch", "5")
            #expect(rewrap.status == 0, "\(rewrap.errors)")
            try await renewals
            #expect(try await world.usher("keys", "rewrap").status == 0)
            let left = try await world.count(
                "select count(*) from usher.certificate where key_id = \(old.id.text) and sealed_key is not null"
            )
            #expect(left == 0, "all rows rewrapped")
            let retired = try await world.usher("keys", "retire", old.id.text, "--reason", "yearly")
            #expect(retired.status == 0, "\(retired.errors)")
            #expect(try KeyRing(file: world.keyFile).ids == [new.id])

            #expect(try await eventually { try await world.enforced() == names.count })
            #expect(world.servedWithOwnCertificate == names.count)
            // Every key opens once more: an edit carries certificate and key.
            for name in names {
                try await world.enqueue(name, HostnameWish(minimumTLS: .v1_3, customCertificate: true))
            }
            #expect(
                try await eventually {
                    try await world.count(
                        """
                        select count(*) from usher.hostname
                        where standing = 'enforced' and observed_generation = generation and generation > 1
                        """
                    ) == names.count
                }
            )
            #expect(world.servedWithOwnCertificate == names.count)
            #expect(world.simulator.snapshot().counters.migrationsToManaged == 0)
            #expect(try await world.count("select count(*) from usher.attempt where outcome = 'retry'") == 0)
        }
    }

    @Test func `what Python seals and SQL stores, the worker applies`() async throws {
        try await WorkerWorld.with { world in
            try await world.prepare()
            let name = "python.acme-usher.com"
            #expect(try await world.usher("keys", "publish", "--reason", "first").status == 0)
            let told = try await world.usher("keys", "public", "--json").document(as: PublicKey.self)
            #expect(told.publicKey == world.publicKey.text)
            let issued = try WorkerWorld.certificate([name], key: .rsa2048)
            let chain = try world.folder.file("chain.pem", issued.chainPEM)
            let key = try world.folder.file("key.pem", issued.keyPEM)
            let run = try await PythonScript("run_example.py")
                .run([told.publicKey, "acme", name, chain, key], input: told.example)
            try #require(run.status == 0, "\(run.errors)")
            let sealed = try JSONDecoder().decode(Sealed.self, from: Data(run.output.utf8))
            #expect(sealed.keyID == world.publicKey.id.text)
            _ = try await world.count(
                """
                select usher.put_certificate('acme', \(name), \(sealed.chainPEM), decode(\(sealed.sealedKey), 'base64'),
                    \(sealed.keyID), '{}', \(sealed.fingerprint), \(sealed.notBefore)::timestamptz,
                    \(sealed.notAfter)::timestamptz)
                """
            )
            try await world.enqueue(name, HostnameWish(customCertificate: true))
            try await world.workers.start(1)
            #expect(try await eventually { try await world.enforced() == 1 })
            #expect(world.servedWithOwnCertificate == 1)
        }
    }

    private struct PublicKey: Decodable {
        let publicKey: String
        let example: String
    }

    private struct Sealed: Decodable {
        let chainPEM: String
        let sealedKey: String
        let keyID: String
        let fingerprint: String
        let notBefore: String
        let notAfter: String

        private enum CodingKeys: String, CodingKey {
            case chainPEM = "chain_pem"
            case sealedKey = "sealed_key"
            case keyID = "key_id"
            case fingerprint
            case notBefore = "not_before"
            case notAfter = "not_after"
        }
    }

    @Test func `the kernel writes no image of a worker's memory`() async throws {
        try await WorkerWorld.with { world in
            try await world.workers.start(1)
            #expect(
                try await eventually {
                    Self.children("work").contains { process in
                        let limits = try? String(contentsOfFile: "/proc/\(process)/limits", encoding: .utf8)
                        let core = limits?.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
                        return core?.split(separator: " ").suffix(3).prefix(2).allSatisfy { $0 == "0" } ?? false
                    }
                }
            )
        }
    }

    /// This process's own children that run this command.
    private static func children(_ command: String) -> [String] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.filter { process in
            guard let line = try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8) else {
                return false
            }
            let arguments = line.split(separator: "\0")
            return arguments.count > 3 && arguments[1] == command && arguments.contains { $0 == "\(getpid())" }
        }
    }
}
