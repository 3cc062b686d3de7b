import Foundation
import Hummingbird
import Logging
import Postgres

/// Hears the provider's webhooks (`POST /provider/webhook`): each is a hint to look now, and never the truth.
struct ProviderWebhook: Sendable {
    let pool: PostgresPool
    /// `nil` where none is configured: then nothing is heard.
    let secret: SharedSecret?

    /// Far above every message the provider documents.
    static let largestBody = 64 * 1_024

    private static let header = HTTPFields.Element.Name("cf-webhook-auth")

    func hear(_ request: Request, _ logger: Logger) async -> Response {
        guard let secret else { return Problem.absent.response() }
        let sent = Self.header.flatMap { request.headers[$0] } ?? ""
        guard secret.matches(sent) else {
            return Problem(type: "about:blank", title: "The secret is missing or wrong", status: 401).response()
        }
        guard let body = try? await request.body.collect(upTo: Self.largestBody) else {
            return Problem(type: "about:blank", title: "The message is too long", status: 413).response()
        }
        guard let event = try? JSONDecoder().decode(ProviderEvent.self, from: Data(body.readableBytesView)) else {
            return Problem(type: "about:blank", title: "The message is no JSON object", status: 400).response()
        }
        // The provider tries an address with a message about nothing when it is set.
        guard event.isAboutSomething else { return Response(status: .noContent) }
        return await note(event, logger)
    }

    private func note(_ event: ProviderEvent, _ logger: Logger) async -> Response {
        do {
            let answer = try await pool.transaction { db throws(PostgresError) in
                try db.one(
                    """
                    select usher.hear_provider_event(\(event.id), \(event.type), \(event.providerID), \(event.hostname))
                    """,
                    as: String.self
                )
            }
            logger.info("provider's hint heard", metadata: ["type": "\(event.type)", "answer": "\(answer)"])
            return Response(status: .noContent)
        } catch {
            return Problem(error).response()
        }
    }
}

/// What is taken from a message: which event it is, and whom it is about.
///
/// It comes in two shapes: the certificate events' own (`metadata`, `data`), and the notifications' (`name`, `text`,
/// `data`, `ts`, …), which may carry the other in its `data`.
struct ProviderEvent: Hashable, Sendable {
    /// The provider's id of the event; where it gives none, what tells this event from others.
    var id: String
    var type: String
    var providerID: String?
    var hostname: String?

    /// Whether it is about a certificate or an alarm, not a trial of the address.
    var isAboutSomething: Bool { !type.isEmpty }
}

extension ProviderEvent: Decodable {
    private struct Body: Decodable {
        var metadata: Metadata?
        var data: Details?
        var alertType: String?
        var alertID: String?
        var policyID: String?
        var sentAt: Double?

        private enum CodingKeys: String, CodingKey {
            case metadata, data
            case alertType = "alert_type"
            case alertID = "alert_correlation_id"
            case policyID = "policy_id"
            case sentAt = "ts"
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            metadata = try? fields.decode(Metadata.self, forKey: .metadata)
            data = try? fields.decode(Details.self, forKey: .data)
            alertType = try? fields.decode(String.self, forKey: .alertType)
            alertID = try? fields.decode(String.self, forKey: .alertID)
            policyID = try? fields.decode(String.self, forKey: .policyID)
            sentAt = try? fields.decode(Double.self, forKey: .sentAt)
        }
    }

    private struct Metadata: Decodable {
        var event: Event

        struct Event: Decodable {
            var id: String
            var type: String
        }
    }

    /// Certificates that were superseded come without id and hostname.
    private struct Details: Decodable {
        var id: String?
        var hostname: String?
        var metadata: Metadata?
        var data: Inner?

        struct Inner: Decodable {
            var id: String?
            var hostname: String?
        }

        private enum CodingKeys: String, CodingKey {
            case id, hostname, metadata, data
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = try? fields.decode(String.self, forKey: .id)
            hostname = try? fields.decode(String.self, forKey: .hostname)
            metadata = try? fields.decode(Metadata.self, forKey: .metadata)
            data = try? fields.decode(Inner.self, forKey: .data)
        }
    }

    init(from decoder: any Decoder) throws {
        let body = try Body(from: decoder)
        let event = (body.metadata ?? body.data?.metadata)?.event
        providerID = (body.data?.data?.id ?? body.data?.id).map { String($0.prefix(64)) }
        hostname = (body.data?.data?.hostname ?? body.data?.hostname).map { String($0.prefix(255)) }
        type = String((event?.type ?? body.alertType ?? "").prefix(200))
        let moment = body.sentAt.map { "\($0)" }
        let marks = [body.policyID, type, providerID, hostname, moment].compactMap(\.self).joined(separator: " ")
        id = String((event?.id ?? body.alertID ?? marks).prefix(300))
    }
}
