import ArgumentParser
import Foundation
import Onboarding

/// The commands under `usher drift`.
struct DriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "See which enforced hostnames somebody else changed at the provider.",
        subcommands: [DriftReportCommand.self]
    )
}

/// The command `usher drift report`.
struct DriftReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "What changed under our hands, newest first, and what became of it.",
        discussion: """
            Each reading of the zone compares what it shows with what was enforced.
            What became weaker is put back by the hostname's job; what became
            stronger is left as it is.

            EXAMPLE:
              usher drift report --since 7d
            """
    )

    @Option(help: "Since this time, or so long ago: 90m, 24h, 7d; else a day.") var since: MomentArgument?
    @Option(help: "Hostnames of this tenant.") var tenant: String?
    @Option(help: "At most this many.") var limit = 100
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        let moment = since?.date ?? Date().addingTimeInterval(-86_400)
        let entries = try await database.withDatabase { pool in
            try await DriftLog(pool: pool).entries(since: moment, tenant: tenant, limit: limit)
        }
        try output.output.show(DriftReport(drift: entries))
    }
}

/// What `usher drift report` prints.
struct DriftReport: Report {
    let drift: [DriftEntry]

    func lines(on terminal: Terminal) -> [String] {
        guard !drift.isEmpty else { return ["no drift"] }
        var table = TextTable(["HOSTNAME", "TENANT", "SEEN", "BECAME", "STANDS", "WHAT CHANGED"])
        for entry in drift {
            table.append([
                .init(entry.hostname), .init(entry.tenant), .init("\(Span(from: entry.seenAt)) ago"),
                .init(entry.direction.rawValue, entry.direction.tone),
                .init(entry.standing, standingTone(entry.standing)),
                .init(entry.differences.map(\.text).joined(separator: ", ")),
            ])
        }
        return table.lines(on: terminal)
    }
}

extension DriftEntry.Direction {
    fileprivate var tone: Tone {
        switch self {
        case .weaker, .held, .vanished: .bad
        case .incomparable: .warning
        case .stronger: .good
        case .neutral: .plain
        }
    }
}

extension DriftEntry.Difference {
    fileprivate var text: String {
        let isList = key == "ciphers"
        func shown(_ value: String?) -> String {
            guard let value else { return "(not set)" }
            return isList ? "[\(value.split(separator: " ").count)]" : value
        }
        return "\(key) \(shown(before)) -> \(shown(after))"
    }
}
