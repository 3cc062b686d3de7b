import Glibc

/// The datagram socket of a service manager, as `sd_notify(3)` describes it; there is nothing else to that library.
package struct NotifySocket: Sendable {
    /// The address's bytes; an abstract one begins with zero.
    private let name: [UInt8]

    /// - Parameter address: The variable `NOTIFY_SOCKET`: a path, or an abstract name after `@`. `nil` for any other.
    package init?(address: String) {
        guard address.hasPrefix("/") || address.hasPrefix("@") else { return nil }
        name = address.hasPrefix("@") ? [0] + address.utf8.dropFirst() : Array(address.utf8)
        // sun_path, with its terminating zero.
        guard name.count > 1, name.count < 108 else { return nil }
    }

    /// Sends assignments, one a line; a manager that does not listen is no trouble of ours.
    package func send(_ message: String) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bytes = Array(message.utf8)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), address, length)
            }
        }
    }
}
