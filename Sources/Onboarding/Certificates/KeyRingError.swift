/// Why a key file cannot be used, with nothing of its contents.
package enum KeyRingError: Error, Hashable, Sendable {
    /// The file cannot be opened or read; `reason` is the operating system's.
    case unreadable(file: String, reason: String)
    /// Not a regular file, or longer than any key file.
    case notAKeyFile(file: String)
    /// Other users can read or write it; `mode` is its permission bits.
    case tooOpen(file: String, mode: UInt32)
    /// It holds no key.
    case empty(file: String)
    /// A line, counted from 1, is not a private sealing key.
    case notAKey(file: String, line: Int)
    /// A line is a public sealing key.
    case publicKey(file: String, line: Int)
    /// A line repeats an earlier key.
    case duplicate(file: String, line: Int, SealingKeyID)
}

extension KeyRingError: CustomStringConvertible {
    /// What is wrong and what can be done about it, in one line.
    package var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file): cannot be read (\(reason)): check the path and its owner"
        case .notAKeyFile(let file): "\(file): not a key file: `usher keys generate` writes one"
        case .tooOpen(let file, let mode):
            "\(file): has mode 0\(String(mode, radix: 8)), which is more open than 0600: run chmod 600 on it"
        case .empty(let file): "\(file): holds no key: add one with `usher keys generate`"
        case .notAKey(let file, let line):
            "\(file):\(line): not a private sealing key: it reads \(PrivateSealingKey.prefix)BASE64"
        case .publicKey(let file, let line):
            "\(file):\(line): a public key, which opens nothing: put the private key here"
        case .duplicate(let file, let line, let id):
            "\(file):\(line): repeats key \(id): remove this line"
        }
    }
}
