import Foundation
import Onboarding
import TestSupport
import Testing

/// `usher keys`, on a key file and a database of its own.
@Suite(.database)
struct KeysCommandTests {
    private typealias Run = (String...) async throws -> UsherProcess

    private func with(_ body: (String, Run) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.url.appending(path: "usher.keys").path()
        let environment = ["USHER_DATABASE_URL": TestDatabase.current.url, "USHER_KEYS_FILE": file]
        let made = try await UsherProcess.run(["keys", "generate", "--out", file])
        try #require(made.status == 0, "\(made.errors)")
        try await body(file) { (arguments: String...) in
            try await UsherProcess.run(arguments, environment: environment)
        }
    }

    @Test func `the file is its owner's alone, and one that is not is refused`() async throws {
        try await with { file, usher in
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try await usher("keys", "rotate").status == 0)
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
            let refused = try await usher("keys", "rotate")
            #expect(refused.status != 0 && refused.errors.contains("more open than 0600"))
        }
    }

    @Test func `a rotation puts the new key first, and only an unneeded one can be retired`() async throws {
        try await with { file, usher in
            let old = try KeyRing(file: file).current
            #expect(try await usher("keys", "publish", "--reason", "first").status == 0)
            let current = try await usher("keys", "retire", old.id.text, "--reason", "no")
            #expect(current.status != 0 && current.errors.contains("is the one to seal to"))
            #expect(try await usher("keys", "rotate").status == 0)
            let ring = try KeyRing(file: file)
            #expect(ring.ids.count == 2 && ring.ids.last == old.id)
            let before = try await usher("keys", "public", "--bare").output
            #expect(before == old.publicKey.text + "\n", "not before it is published")
            #expect(try await usher("keys", "publish", "--reason", "yearly").status == 0)
            #expect(try await usher("keys", "public", "--bare").output == ring.current.publicKey.text + "\n")
            #expect(try await usher("keys", "retire", old.id.text, "--reason", "yearly").status == 0)
            #expect(try KeyRing(file: file).ids == [ring.current.id])
            let list = try await usher("keys", "list")
            #expect(list.output.contains("\(ring.current.id)") && list.output.contains("retired"))
        }
    }
}
