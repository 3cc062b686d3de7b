import ArgumentParser
import Foundation
import Onboarding

/// The commands under `usher keys`.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make and see the keys that tenants' private keys are sealed to.",
        subcommands: [Generate.self, List.self]
    )

    struct Generate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key pair: the private key goes to a file, the public key is printed.",
            discussion: """
                Workers need the file (USHER_KEYS_FILE); whoever puts certificates needs the public key only
                (USHER_PUBLIC_KEY). To change the key, put the new line above the old ones in the workers' file.

                EXAMPLE:
                  usher keys generate --out usher.keys
                """
        )

        @Option(name: .customLong("out"), help: "The file to make; it must not exist.") var path = "usher.keys"
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let key = PrivateSealingKey()
            try write(key.reveal() + "\n")
            let pair = KeyPairReport(file: path, keyID: key.id.text, publicKey: key.publicKey.text)
            try output.output.show(pair)
        }

        /// Made with its final mode: a file that is readable for a moment has been readable.
        private func write(_ text: String) throws(Failure) {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                let reason = String(cString: strerror(errno))
                throw Failure("\(path) cannot be made: \(reason)", hint: "name another file with --out")
            }
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            do {
                try file.write(contentsOf: Data(text.utf8))
                try file.synchronize()
            } catch {
                throw Failure("\(path) cannot be written: \(error.localizedDescription)")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The ids of a key file's keys, the current one first."
        )

        @OptionGroup var settings: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let settings = try settings.settings()
            let file = try settings.required(settings.keysFile, .keysFile, "no key file is configured")
            let ring = try KeyRing(file: file)
            let report = KeyListReport(
                file: file,
                publicKey: ring.current.publicKey.text,
                keyIDs: ring.ids.map(\.text)
            )
            try output.output.show(report)
        }
    }
}

/// What `usher keys generate` prints.
private struct KeyPairReport: Report {
    let file: String
    let keyID: String
    let publicKey: String

    func lines(on terminal: Terminal) -> [String] {
        [publicKey, terminal.painted("private key \(keyID) is in \(file), readable by you only", .faint)]
    }
}

/// What `usher keys list` prints.
private struct KeyListReport: Report {
    let file: String
    /// The one to seal to.
    let publicKey: String
    let keyIDs: [String]

    func lines(on terminal: Terminal) -> [String] {
        [publicKey] + keyIDs.enumerated().map { "\($0.element)\($0.offset == 0 ? " (current)" : "")" }
    }
}
