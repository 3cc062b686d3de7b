import CLibPQ
import Logging

/// Passes the server's notices and warnings on to the log; libpq would write them to standard error.
final class NoticeLog: Sendable {
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    /// Listens to a connection, which must not outlive this object.
    func attach(to connection: OpaquePointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let context, let result else { return }
                Unmanaged<NoticeLog>.fromOpaque(context).takeUnretainedValue().log(result)
            },
            context
        )
    }

    private func log(_ result: OpaquePointer) {
        let message = String(cString: PQresultErrorMessage(result)).trimmed
        let severity = PQresultErrorField(result, Int32(UInt8(ascii: "V"))).map { String(cString: $0) }
        logger.log(level: severity == "WARNING" ? .warning : .debug, "\(message)")
    }
}
