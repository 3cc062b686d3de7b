/// A secret that comes with every message of somebody who may say something, and that is shown nowhere.
package struct SharedSecret: Sendable, CustomStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    /// - Returns: `nil` for an empty text, which would let everybody in.
    package init?(_ text: String) {
        if text.isEmpty { return nil }
        bytes = Array(text.utf8)
    }

    /// Compares in a time that depends on nothing but what was sent.
    package func matches(_ sent: String) -> Bool {
        let sent = Array(sent.utf8)
        var difference: UInt8 = sent.count == bytes.count ? 0 : 1
        for (index, byte) in sent.enumerated() { difference |= byte ^ bytes[index % bytes.count] }
        return difference == 0
    }

    package var description: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
