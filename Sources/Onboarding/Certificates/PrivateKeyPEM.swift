import Crypto
import Foundation

/// A private key in PEM form, in memory that is zeroed when the last copy of the value goes.
///
/// What Swift cannot promise: a `String` it came from or was revealed as, and copies that the parser or an HTTP
/// client makes, are freed without being zeroed. Keep those scopes short, and core dumps off.
package struct PrivateKeyPEM: Redacted, Sendable {
    /// swift-crypto's key type is storage of any size that is zeroed by its `deinit`; there is no other use of it here.
    private let storage: SymmetricKey

    /// Copies the text, which itself cannot be zeroed; prefer ``init(wiping:)`` where the bytes are at hand.
    package init(text: String) {
        var bytes = Array(text.utf8)
        self.init(wiping: &bytes)
    }

    /// Takes the bytes over and zeroes the caller's array.
    package init(wiping bytes: inout [UInt8]) {
        self.storage = SymmetricKey(data: bytes)
        bytes.wipe()
    }

    init(wiping data: inout Data) {
        self.storage = SymmetricKey(data: data)
        data.resetBytes(in: data.startIndex..<data.endIndex)
    }

    /// Lends the bytes for the duration of the call; the buffer must not escape it.
    package func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        // SymmetricKey's own method erases the error's type.
        let result = storage.withUnsafeBytes { buffer in
            Result { () throws(Failure) in try body(buffer) }
        }
        return try result.get()
    }

    /// The key as text, for the one request that carries it: a copy that cannot be zeroed.
    package func reveal() -> String {
        withBytes { String(decoding: $0, as: UTF8.self) }
    }
}
