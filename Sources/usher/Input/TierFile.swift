package import TLSPolicy

/// The tiers of a tier file (`jobs/tiers.yaml`, which explains its keys), as policies not yet stored.
package struct TierFile: Sendable {
    /// One tier and what it promises.
    package struct Tier: Hashable, Sendable {
        package let name: String
        package let policy: TierPolicy
        /// Line of the file the tier's name stands on.
        package let line: Int
    }

    /// The tiers without a problem, in file order; meant to be used only if ``problems`` is empty.
    package let tiers: [Tier]
    package let problems: InputProblems

    /// Reads a YAML file, or standard input for `-`.
    package static func read(_ path: String) -> TierFile { TierFile(TierReader.reading(path)) }

    /// Reads the contents of a file; `file` is the name used in messages.
    package static func parse(_ bytes: [UInt8], file: String) -> TierFile {
        TierFile(TierReader.parsing(bytes, file: file))
    }

    private init(_ reader: TierReader) {
        tiers = reader.tiers
        problems = reader.fields.problems
    }
}
