import ArgumentParser
import Foundation
import JobQueue

/// The commands under `usher audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "See who ordered what, and why.",
        subcommands: [List.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The newest orders.")

        @Option(help: "Orders of this actor.") var actor: String?
        @Option(help: "Orders of this kind, as replay_start.") var action: String?
        @Option(help: "At most this many.") var limit = 50
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let entries = try await database.withDatabase { pool in
                try await AuditEntry.newest(limit, actor: actor, action: action, from: pool)
            }
            try output.output.show(AuditReport(orders: entries))
        }
    }
}

/// What `usher audit list` prints.
private struct AuditReport: Report {
    let orders: [AuditEntry]

    func lines(on terminal: Terminal) -> [String] {
        guard !orders.isEmpty else { return ["no orders"] }
        var table = TextTable(["ID", "AT", "ACTOR", "ROLE", "ACTION", "REASON", "SUBJECT"], rightAligned: ["ID"])
        for order in orders {
            table.append([
                .init("\(order.auditID)"), .init(order.at.formatted(.iso8601)), .init(order.actor), .init(order.role),
                .init(order.action), .init(order.reason), .init(order.subject),
            ])
        }
        return table.lines(on: terminal)
    }
}
