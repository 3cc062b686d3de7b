import Foundation
import Hummingbird
import Postgres

/// A refusal as RFC 9457 describes it.
struct Problem: Encodable, Error {
    var type: String
    var title: String
    var status: Int
    var detail: String?
    /// The SQLSTATE, ours (`UE…`) or the server's.
    var code: String?
    var hint: String?
}

extension Problem {
    init(_ error: PostgresError) {
        let code = error.sqlState?.rawValue
        let status = Self.status(of: code)
        self.init(
            type: "about:blank",
            title: status == .internalServerError ? "The database refused" : error.message,
            status: status.code,
            detail: status == .internalServerError ? nil : error.detail,
            code: code,
            hint: error.hint
        )
    }

    /// Which HTTP status a SQLSTATE answers with; a table, so that a new code is one row.
    private static func status(of code: String?) -> HTTPResponse.Status {
        switch code {
        case nil, "57P01", "57P02", "57P03": .serviceUnavailable
        case "UE040", "UE041", "UE043", "UE051", "UE054": .notFound
        case "UE001", "UE011", "UE016", "UE030", "UE052", "UE053": .conflict
        case "42501": .forbidden
        case .some(let code) where code.hasPrefix("08"): .serviceUnavailable
        case .some(let code) where code.hasPrefix("UE") || code.hasPrefix("22"): .unprocessableContent
        default: .internalServerError
        }
    }

    func response() -> Response {
        let data = (try? JSONEncoder().encode(self)) ?? Data()
        return Response(
            status: .init(code: status),
            headers: [.contentType: "application/problem+json"],
            body: .init(byteBuffer: ByteBuffer(bytes: data))
        )
    }
}
