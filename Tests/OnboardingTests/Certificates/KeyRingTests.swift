import Foundation
import Onboarding
import Testing

struct KeyRingTests {
    let current = PrivateSealingKey()
    let older = PrivateSealingKey()
    let context = SealingContext(tenant: "acme", hostname: "shop.acme.com", fingerprint: "ab12")

    private func read(_ text: String) throws -> KeyRing {
        try KeyRing(text: text, file: "keys")
    }

    @Test func `a ring seals to its first key and opens with all`() throws {
        let ring = try read("# rotated in May\n\(current.reveal())\r\n\n  # before\n  \(older.reveal())  \n")

        #expect(ring.ids == [current.id, older.id])
        #expect(ring.current.id == current.id)
        for key in [current, older] {
            let sealed = try key.publicKey.seal(PrivateKeyPEM(text: "secret"), context: context)
            #expect(try ring.open(sealed, context: context).reveal() == "secret")
        }
    }

    @Test func `a key that the ring does not hold is named`() throws {
        let lost = PrivateSealingKey()
        let sealed = try lost.publicKey.seal(PrivateKeyPEM(text: "secret"), context: context)
        let ring = KeyRing(current: current, older: [older, current])

        #expect(throws: SealingError.unknownKey(lost.id, held: [current.id, older.id])) {
            try ring.open(sealed, context: context)
        }
    }

    @Test func `a bad line is named by its number only`() {
        let key = current.reveal()

        #expect(throws: KeyRingError.empty(file: "keys")) { try read("# nothing\n\n") }
        #expect(throws: KeyRingError.notAKey(file: "keys", line: 2)) { try read("\(key)\n\(key.dropLast(4))") }
        #expect(throws: KeyRingError.publicKey(file: "keys", line: 2)) { try read("\n\(current.publicKey.text)") }
        #expect(throws: KeyRingError.duplicate(file: "keys", line: 3, current.id)) { try read("\(key)\n\n\(key)") }
    }

    @Test func `a file for its owner only is read`() throws {
        try withFile(current.reveal(), mode: 0o600) { path in
            let ring = try KeyRing(file: path)
            #expect(ring.ids == [current.id])
        }
        try withFile(current.reveal(), mode: 0o400) { path in
            let ring = try KeyRing(file: path)
            #expect(ring.ids == [current.id])
        }
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o644, 0o620, 0o700])
    func `a file that is more open than 0600 is refused with the remedy`(mode: Int) throws {
        try withFile(current.reveal(), mode: mode) { path in
            let error = #expect(throws: KeyRingError.self) { try KeyRing(file: path) }
            #expect(error == .tooOpen(file: path, mode: UInt32(mode)))
            #expect(error?.description.hasSuffix("more open than 0600: run chmod 600 on it") == true)
        }
    }

    @Test func `a path that is no key file is refused`() throws {
        let folder = FileManager.default.temporaryDirectory.path

        #expect(throws: KeyRingError.self) { try KeyRing(file: folder) }
        #expect(throws: KeyRingError.self) { try KeyRing(file: folder + "/no-such-file-\(UUID())") }
        try withFile(String(repeating: "#\n", count: 40_000), mode: 0o600) { path in
            #expect(throws: KeyRingError.notAKeyFile(file: path)) { try KeyRing(file: path) }
        }
    }

    private func withFile(_ text: String, mode: Int, _ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "usher-keys-\(UUID())").path
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: mode]
        #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: attributes))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }
}
