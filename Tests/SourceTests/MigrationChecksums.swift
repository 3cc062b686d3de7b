/// The SHA-256 of every migration that has landed, in order; lines are appended and never changed.
let migrationChecksums: [(file: String, sha256: String)] = [

    ]
