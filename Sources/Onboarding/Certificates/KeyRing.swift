/// The private sealing keys of a worker, by id: one to seal to now, older ones to open what was sealed before.
package struct KeyRing: Sendable {
    /// The key that new secrets are sealed to.
    package let current: PrivateSealingKey
    private let keys: [SealingKeyID: PrivateSealingKey]
    /// Ids in the order of the file, the current one first.
    package let ids: [SealingKeyID]

    /// Reads the text of a key file: one key a line, the current one first.
    ///
    /// Blank lines and lines that begin with `#` are skipped. `file` is for messages only.
    package init(text: String, file: String) throws(KeyRingError) {
        var read: [PrivateSealingKey] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = String(line.drop(while: \.isWhitespace))
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix(PublicSealingKey.prefix) { throw .publicKey(file: file, line: index + 1) }
            guard let key = try? PrivateSealingKey(text: line) else { throw .notAKey(file: file, line: index + 1) }
            if read.contains(where: { $0.id == key.id }) { throw .duplicate(file: file, line: index + 1, key.id) }
            read.append(key)
        }
        guard let first = read.first else { throw .empty(file: file) }
        self.init(current: first, older: read.dropFirst())
    }

    /// A ring of keys made elsewhere; an older key with the id of another is the same key and is dropped.
    package init(current: PrivateSealingKey, older: some Sequence<PrivateSealingKey> = []) {
        var keys = [current.id: current]
        var ids = [current.id]
        for key in older where keys.updateValue(key, forKey: key.id) == nil { ids.append(key.id) }
        self.current = current
        self.keys = keys
        self.ids = ids
    }

    /// Opens a sealed key with whichever key it was sealed to.
    ///
    /// Throws ``SealingError/unknownKey(_:held:)`` or ``SealingError/notAuthentic(_:_:)``.
    package func open(_ sealed: SealedKey, context: SealingContext) throws(SealingError) -> PrivateKeyPEM {
        guard let key = keys[sealed.keyID] else { throw .unknownKey(sealed.keyID, held: ids) }
        return try key.open(sealed, context: context)
    }
}

extension KeyRing: CustomStringConvertible {
    package var description: String { "keys \(ids.map(\.text).joined(separator: ", "))" }
}
