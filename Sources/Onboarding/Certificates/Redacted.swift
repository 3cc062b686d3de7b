/// A secret: every ordinary way of showing it (interpolation, `debugDescription`, `dump`, `Mirror`, JSON) gives
/// `<redacted>`.
package protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable, Encodable {}

extension Redacted {
    /// Always `<redacted>`.
    package var description: String { "<redacted>" }
    /// Always `<redacted>`.
    package var debugDescription: String { description }
    /// A mirror without children.
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }

    /// Encodes the text `<redacted>`, so that a document which holds a secret by mistake is only useless.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension [UInt8] {
    /// Overwrites the bytes with zeros, in place unless another array shares the buffer.
    ///
    /// Never inlined: in sight of a buffer's end of life the optimiser would drop the stores.
    @inline(never)
    mutating func wipe() {
        for index in indices { self[index] = 0 }
    }
}
