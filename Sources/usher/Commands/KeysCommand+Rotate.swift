import ArgumentParser
import Foundation
import Onboarding

extension KeysCommand {
    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the key file's first key the one to seal to, for everybody who asks the database."
        )

        @OptionGroup var decision: DecisionOptions
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let settings = try database.settings()
            let key = try settings.keyRing().current.publicKey
            try await settings.withDatabase {
                try await SealingKeyStore(pool: $0)
                    .publish(key, author: database.author(decision.author), reason: decision.reason)
            }
            try output.output.show(KeyPublishedReport(keyID: key.id.text, publicKey: key.text))
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a new key first in the key file; the old ones stay, to open what was sealed to them.",
            discussion: """
                Nothing is sealed to it before usher keys publish says so: bring the file to every worker first. A
                worker without the key would leave hostnames waiting for it.
                """
        )

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let settings = try database.settings()
            _ = try settings.keyRing()
            let path = try settings.keyFilePath()
            let key = PrivateSealingKey()
            try KeyFile(path: path).putFirst(key)
            try output.output.show(KeyPairReport(file: path, keyID: key.id.text, publicKey: key.publicKey.text))
        }
    }

    struct Rewrap: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seal every stored key to the current one, while the workers work.",
            discussion: """
                Row by row; stopped and started again it goes on with what is left. Certificates that are put meanwhile
                are not touched. Needs the key file with the old keys and the new one, and the worker's rights.
                """
        )

        @Option(help: "Rows read at once.") var batch = 100
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(batch) else { throw ValidationError("--batch is from 1 to 10000") }
        }

        func run() async throws {
            try CoreDumps.forbid()
            let settings = try database.settings()
            let ring = try settings.keyRing()
            let (outcome, key) = try await settings.withDatabase { pool in
                let store = SealingKeyStore(pool: pool)
                let key = try await store.current() ?? ring.current.publicKey
                guard ring.ids.contains(key.id) else {
                    let hint = "bring the workers' key file here, or publish its first key"
                    throw Failure("key \(key.id) is published, and not in the key file", hint: hint)
                }
                let outcome = try await KeyRewrap(pool: pool, ring: ring, to: key, batch: batch).run()
                _ = try await store.wake(for: ring.ids)
                return (outcome, key)
            }
            let report = KeyRewrapReport(outcome, key: key.id)
            try output.output.show(report)
            if let failure = report.failure { throw failure }
        }
    }

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End an old key: refused while anything is sealed to it; then it leaves the key file.",
            discussion: """
                What was sealed to it in older backups of the database opens no longer once every copy of the key file
                has lost it.
                """
        )

        @Argument(help: "The key's id, as usher keys list shows it.") var keyID: String
        @OptionGroup var decision: DecisionOptions
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            guard let id = SealingKeyID(keyID) else {
                throw Failure(
                    "\(InputProblem.shown(keyID)) is no key id",
                    hint: "see usher keys list",
                    status: .badData
                )
            }
            let settings = try database.settings()
            _ = try await settings.withDatabase {
                try await SealingKeyStore(pool: $0)
                    .retire(id, author: database.author(decision.author), reason: decision.reason)
            }
            var isRemoved = false
            if let path = settings.keysFile { isRemoved = try KeyFile(path: path).remove(id) }
            try output.output.show(KeyRetiredReport(keyID: id.text, file: settings.keysFile, removed: isRemoved))
        }
    }
}

extension Settings {
    fileprivate func keyFilePath() throws(Failure) -> String {
        try required(keysFile, .keysFile, "no key file is configured")
    }

    fileprivate func keyRing() throws -> KeyRing {
        try KeyRing(file: try keyFilePath())
    }
}
