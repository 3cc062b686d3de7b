import ArgumentParser
import Foundation
import Onboarding

/// The commands under `usher keys`.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, publish, change and end the keys that tenants' private keys are sealed to.",
        discussion: """
            The private halves are in the workers' key file (USHER_KEYS_FILE, mode 0600) and nowhere else: keep a copy
            of it where backups of the database are not. Workers read the file again when it changes.

            TO CHANGE THE KEY, while everything runs:
              usher keys rotate                     # a new key in the file, the old ones kept
              … bring the file to every worker …
              usher keys publish --reason "yearly"  # from now on certificates are sealed to it
              usher keys rewrap                     # what is stored is sealed to it, too
              usher keys retire OLD --reason "yearly"
            """,
        subcommands: [
            Generate.self, List.self, Public.self, Publish.self, Rotate.self, Rewrap.self, Retire.self,
        ]
    )

    struct Generate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key pair: the private key goes to a file, the public key is printed.",
            discussion: """
                Workers need the file (USHER_KEYS_FILE); whoever puts certificates needs the public key only: publish
                it in the database (usher keys publish), or hand it out (USHER_PUBLIC_KEY).

                EXAMPLE:
                  usher keys generate --out usher.keys
                """
        )

        @Option(name: .customLong("out"), help: "The file to make; it must not exist.") var path = "usher.keys"
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try CoreDumps.forbid()
            let key = PrivateSealingKey()
            try KeyFile(path: path).create(key)
            try output.output.show(KeyPairReport(file: path, keyID: key.id.text, publicKey: key.publicKey.text))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The keys of the key file and of the database, with what each still has to open.",
            discussion: "Without a database, the key file's alone, the current one first."
        )

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try CoreDumps.forbid()
            let settings = try database.settings()
            let ring = try settings.keysFile.map { try KeyRing(file: $0) }
            guard ring == nil || settings.databaseURL != nil else {
                return try output.output.show(KeyListReport(file: settings.keysFile, ring: ring, stored: nil))
            }
            let stored = try await settings.withDatabase { try await SealingKeyStore(pool: $0).list() }
            try output.output.show(KeyListReport(file: settings.keysFile, ring: ring, stored: stored))
        }
    }

    struct Public: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "public",
            abstract: "The public key to seal to, and how to seal to it from another language.",
            discussion: "From USHER_PUBLIC_KEY, else the one that is published, else the first of USHER_KEYS_FILE."
        )

        @Flag(help: "Print the key alone.") var bare = false
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let key = try await database.settings().sealingKey()
            try output.output.show(PublicKeyReport(keyID: key.id.text, publicKey: key.text, isBare: bare))
        }
    }
}

extension Settings {
    /// The public key to seal to: the one that is pinned, else the one that is published, else the key file's first.
    ///
    /// - Throws: ``Failure`` if there is none.
    func sealingKey() async throws -> PublicSealingKey {
        if let text = publicKey { return try PublicSealingKey(text: text) }
        if databaseURL != nil || keysFile == nil,
            let published = try await withDatabase({ try await SealingKeyStore(pool: $0).current() })
        {
            return published
        }
        if let file = keysFile { return try KeyRing(file: file).current.publicKey }
        throw Failure(
            "there is no public key to seal to",
            hint: "publish one with usher keys publish, or set \(Setting.publicKey.environmentName)",
            status: .badConfiguration
        )
    }
}
