import Glibc
import NIOCore
import NIOPosix

/// Where a name's edge is: what its DNS says, or one place that stands for every name's.
package struct EdgeAddress: Hashable, Sendable {
    /// A name or an address.
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host`, `host:port`, `[ipv6]` or `[ipv6]:port`, else `nil`.
    ///
    /// Port 443 if none is given.
    package init?(_ text: String) {
        let isBracketed = text.hasPrefix("[")
        let host = isBracketed ? text.dropFirst().prefix { $0 != "]" } : text.prefix { $0 != ":" }
        let rest = text.dropFirst(host.count + (isBracketed ? 2 : 0))
        guard !host.isEmpty, rest.isEmpty || rest.hasPrefix(":") else { return nil }
        guard rest.isEmpty || UInt16(rest.dropFirst()).map({ $0 > 0 }) == true else { return nil }
        self.init(host: String(host), port: rest.isEmpty ? 443 : Int(rest.dropFirst()) ?? 443)
    }
}

/// Why an edge was not asked.
struct EdgeNotAsked: Error {
    let reason: String
}

extension EdgeAddress {
    /// Every address of the host, asked of the system's resolver within the time.
    ///
    /// - Parameter allowsPrivate: Whether addresses that are not of the public internet may be among them.
    /// - Throws: `EdgeNotAsked` if there is none, or one that may not be asked.
    func resolved(within limit: Duration, allowsPrivate: Bool) async throws -> [SocketAddress] {
        let loop = NIOSingletons.posixEventLoopGroup.next()
        // Whichever comes first completes the promise; the other is too late and changes nothing.
        let promise = loop.makePromise(of: [SocketAddress].self)
        let timer = loop.scheduleTask(in: TimeAmount(limit)) {
            promise.fail(EdgeNotAsked(reason: "the DNS of \(host) gave no answer within \(limit)"))
        }
        NIOSingletons.posixBlockingThreadPool.runIfActive(eventLoop: loop) { try lookUp() }.cascade(to: promise)
        let addresses = try await promise.futureResult.get()
        timer.cancel()
        if let inside = addresses.first(where: { !allowsPrivate && !$0.isPublic }) {
            let address = inside.ipAddress ?? "?"
            throw EdgeNotAsked(reason: "\(host) is at \(address), which is not an address of the public internet")
        }
        return addresses
    }

    private func lookUp() throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        defer { list.map { freeaddrinfo($0) } }
        guard status == 0 else {
            throw EdgeNotAsked(reason: "\(host) has no address: \(String(cString: gai_strerror(status)))")
        }
        var addresses: [SocketAddress] = []
        var entry = list
        while let info = entry?.pointee {
            if let address = info.ai_addr {
                switch info.ai_family {
                case AF_INET:
                    address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                        addresses.append(SocketAddress($0.pointee))
                    }
                case AF_INET6:
                    address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                        addresses.append(SocketAddress($0.pointee))
                    }
                default: break
                }
            }
            entry = info.ai_next
        }
        guard !addresses.isEmpty else { throw EdgeNotAsked(reason: "\(host) has no address") }
        return addresses
    }
}

extension SocketAddress {
    var isPublic: Bool {
        let (family, count) = self.protocol == .inet ? (AF_INET, 4) : (AF_INET6, 16)
        var octets = [UInt8](repeating: 0, count: count)
        // Without the zone of a link-local address.
        let text = (ipAddress ?? "").prefix { $0 != "%" }
        return inet_pton(family, String(text), &octets) == 1 && AddressRange.isPublic(octets)
    }

    /// As people write it, with its port.
    var text: String {
        let address = ipAddress ?? "?"
        return "\(address.contains(":") ? "[\(address)]" : address):\(port ?? 0)"
    }
}
