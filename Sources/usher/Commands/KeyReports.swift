import Onboarding

/// What `usher keys generate` and `rotate` print.
struct KeyPairReport: Report {
    let file: String
    let keyID: String
    let publicKey: String

    func lines(on terminal: Terminal) -> [String] {
        [publicKey, terminal.painted("private key \(keyID) is in \(file), readable by you only", .faint)]
    }
}

/// What `usher keys list` prints.
struct KeyListReport: Report {
    let file: String?
    /// The one to seal to.
    let publicKey: String?
    let keyIDs: [String]
    /// `nil` if no database was asked.
    let stored: [SealingKeyEntry]?

    init(file: String?, ring: KeyRing?, stored: [SealingKeyEntry]?) {
        self.file = file
        self.stored = stored
        keyIDs = ring?.ids.map(\.text) ?? []
        publicKey = stored?.first { $0.current }?.publicKey ?? ring?.current.publicKey.text
    }

    func lines(on terminal: Terminal) -> [String] {
        guard let stored else {
            return [publicKey].compactMap(\.self)
                + keyIDs.enumerated().map { "\($0.element)\($0.offset == 0 ? " (current)" : "")" }
        }
        var table = TextTable(["KEY", "STATE", "CERTIFICATES", "IN FILE"], rightAligned: ["CERTIFICATES"])
        for key in stored {
            let state = key.current ? "current" : key.retiredAt != nil ? "retired" : "old"
            let inFile = keyIDs.contains(key.keyID)
            let isLost = !inFile && key.certificates > 0 && file != nil
            table.append([
                .init(key.keyID), .init(state), .init("\(key.certificates)"),
                .init(inFile ? "yes" : "no", isLost ? .bad : .plain),
            ])
        }
        for id in keyIDs where !stored.contains(where: { $0.keyID == id }) {
            table.append([.init(id), .init("not published"), .init("0"), .init("yes")])
        }
        return [publicKey].compactMap(\.self) + table.lines(on: terminal)
    }
}

/// What `usher keys public` prints.
struct PublicKeyReport: Report {
    let keyID: String
    let publicKey: String
    /// A program in Python that seals a key to it.
    let example: String?

    init(keyID: String, publicKey: String, isBare: Bool) {
        self.keyID = keyID
        self.publicKey = publicKey
        example = isBare ? nil : SealingExample.python
    }

    func lines(on terminal: Terminal) -> [String] {
        guard let example else { return [publicKey] }
        return [publicKey, ""] + example.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}

/// What `usher keys publish` prints.
struct KeyPublishedReport: Report {
    let keyID: String
    let publicKey: String

    func lines(on terminal: Terminal) -> [String] { ["key \(keyID) is the one to seal to: \(publicKey)"] }
}

/// What `usher keys rewrap` prints.
struct KeyRewrapReport: Report {
    let keyID: String
    let rewrapped: Int
    let overtaken: Int
    /// How many are sealed to keys that the file does not hold, by key.
    let unopened: [String: Int]
    /// Certificates whose sealed key was altered.
    let damaged: [Int64]

    init(_ outcome: KeyRewrap.Outcome, key: SealingKeyID) {
        keyID = key.text
        rewrapped = outcome.rewrapped
        overtaken = outcome.overtaken
        unopened = Dictionary(uniqueKeysWithValues: outcome.unopened.map { ($0.key.text, $0.value) })
        damaged = outcome.damaged
    }

    func lines(on terminal: Terminal) -> [String] {
        let rest = overtaken == 0 ? "" : "; \(overtaken) were changed by others meanwhile"
        return ["\(rewrapped) sealed to key \(keyID)\(rest)"]
    }

    /// What is left to do; `nil` if nothing is.
    var failure: Failure? {
        if unopened.isEmpty && damaged.isEmpty { return nil }
        let lost = unopened.sorted { $0.key < $1.key }.map {
            "\($0.value) are sealed to key \($0.key), which is not here"
        }
        let altered = damaged.map { "certificate \($0): its sealed key was altered; have it put again" }
        return Failure(
            "some keys could not be sealed anew",
            hint: "find the missing keys, or have those certificates put again",
            details: lost + altered
        )
    }
}

/// What `usher keys retire` prints.
struct KeyRetiredReport: Report {
    let keyID: String
    let file: String?
    /// Whether the file had it.
    let removed: Bool

    func lines(on terminal: Terminal) -> [String] {
        let copies = "take it out of the other workers' files, too"
        let place = file.map { removed ? "and out of \($0); \(copies)" : "and was not in \($0); \(copies)" } ?? copies
        return ["key \(keyID) is retired, \(place)"]
    }
}
