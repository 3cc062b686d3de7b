import AsyncHTTPClient
import NIOCore
import NIOPosix

/// The time for a whole call is over.
struct DeadlineExceeded: Error {}

extension TransportFault {
    /// Sorts an error of the HTTP client.
    ///
    /// Only errors that certainly come before the first byte is sent count as ``unreachable``; whatever is not known to
    /// be one of them may have reached the provider.
    init(_ error: any Error) {
        switch error {
        case is DeadlineExceeded: self = .timedOut
        case is CancellationError: self = .cancelled
        case is NIOConnectionError: self = .unreachable
        case ChannelError.connectTimeout: self = .unreachable
        case let error as IOError where error.errnoCode == ECONNREFUSED: self = .unreachable
        case let error as HTTPClientError: self = Self.known.first { $0.error == error }?.fault ?? .connectionLost
        default: self = .connectionLost
        }
    }

    private static let known: [(error: HTTPClientError, fault: TransportFault)] = [
        (.connectTimeout, .unreachable),
        (.tlsHandshakeTimeout, .unreachable),
        (.httpProxyHandshakeTimeout, .unreachable),
        (.socksHandshakeTimeout, .unreachable),
        (.getConnectionFromPoolTimeout, .unreachable),
        (.deadlineExceeded, .timedOut),
        (.readTimeout, .timedOut),
        (.writeTimeout, .timedOut),
        (.cancelled, .cancelled),
        (.requestStreamCancelled, .cancelled),
        (.alreadyShutdown, .misconfigured),
        (.invalidURL, .misconfigured),
        (.emptyHost, .misconfigured),
        (.emptyScheme, .misconfigured),
        (.missingSocketPath, .misconfigured),
    ]
}
