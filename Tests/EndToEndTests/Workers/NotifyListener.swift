import Foundation
import Glibc

/// The socket of a service manager, on the side of the manager.
final class NotifyListener: Sendable {
    /// Where the socket is.
    enum Place {
        case path
        /// A name without a file, which only Linux knows.
        case abstract
    }

    /// What goes into `NOTIFY_SOCKET`.
    let address: String
    private let descriptor: Int32

    init(_ place: Place) throws {
        let name = "/tmp/usher-notify-\(UUID().uuidString.prefix(8))"
        address = place == .path ? name : "@" + name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var socketAddress = sockaddr_un()
        socketAddress.sun_family = sa_family_t(AF_UNIX)
        let bytes = (place == .path ? [] : [0]) + Array(name.utf8)
        withUnsafeMutableBytes(of: &socketAddress.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let isBound = withUnsafePointer(to: &socketAddress) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
        }
        if !isBound { throw CocoaError(.fileWriteUnknown) }
        // A worker is no other user here; a real manager's socket takes everybody too.
        if place == .path { chmod(name, 0o666) }
    }

    /// The next message that is as wanted, of those that come within 30 seconds of one another.
    func next(_ isWanted: @escaping @Sendable (String) -> Bool) async -> String? {
        let descriptor = descriptor
        return await withCheckedContinuation { continuation in
            // A thread of its own: waiting for a datagram blocks.
            let thread = Thread {
                var buffer = [UInt8](repeating: 0, count: 4096)
                while true {
                    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                    guard poll(&entry, 1, 30_000) > 0 else { return continuation.resume(returning: nil) }
                    let count = recv(descriptor, &buffer, buffer.count, 0)
                    guard count >= 0 else { return continuation.resume(returning: nil) }
                    let message = String(decoding: buffer[..<count], as: UTF8.self)
                    if isWanted(message) { return continuation.resume(returning: message) }
                }
            }
            thread.start()
        }
    }

    func close() {
        Glibc.close(descriptor)
        unlink(address)
    }
}
