import ArgumentParser
import Cloudflare

/// The command `usher provider errors`.
struct ProviderErrorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "errors",
        abstract: "What each error of the provider means, and who must act.",
        discussion: """
            The first row that matches endpoint, status, code and text decides. Rows of
            a file given with --error-classes or USHER_ERRORS_FILE stand first:

              apiVersion: usher/v1
              errors:
                - endpoint: custom_hostnames
                  status: 400-499
                  code: 1456
                  class: not_entitled
                  actor: operator
                  advice: Ask the account team for the add-on.

            EXAMPLES:
              usher provider errors --endpoint access_certificates
              usher provider errors --error-classes errors.yaml --json
            """
    )

    @Option(help: "Only rows that hold at this endpoint.") var endpoint: Endpoint?
    @Option(help: "Only rows about this error number.") var code: Int?
    @Option(name: .customLong("config"), help: "Read settings from this file.") var configurationFile: String?
    @Option(help: "File of rows that win over the table.") var errorClasses: String?
    @OptionGroup var output: OutputOptions

    /// An endpoint on the command line.
    struct Endpoint: ExpressibleByArgument {
        let value: ProviderCall.Endpoint

        init?(argument: String) {
            guard let value = ProviderCall.Endpoint(rawValue: argument) else { return nil }
            self.value = value
        }

        static var allValueStrings: [String] { ProviderCall.Endpoint.allCases.map(\.rawValue) }
    }

    func run() async throws {
        let flags: [Setting: String] = errorClasses.map { [.errorsFile: $0] } ?? [:]
        let table = try Settings(flags: flags, configurationFile: configurationFile).errorTable()
        let rules = table.rules.filter { rule in
            let isHere = endpoint.map { rule.endpoint == nil || rule.endpoint == $0.value } ?? true
            return isHere && (code.map { rule.codes?.contains($0) ?? false } ?? true)
        }
        try output.output.show(ErrorTableReport(errors: rules.map(ErrorTableReport.Row.init)))
    }
}

/// What `usher provider errors` prints.
struct ErrorTableReport: Report {
    let errors: [Row]

    /// One row of the table; what is `nil` holds for any.
    struct Row: Encodable {
        let endpoint: String?
        let status: String
        let code: String?
        let message: String?
        let `class`: String
        let actor: String
        let advice: String
        let source: String

        init(_ rule: ErrorRule) {
            endpoint = rule.endpoint?.rawValue
            status = rule.statuses.text
            code = rule.codes?.text
            message = rule.text
            `class` = rule.verdict.class.rawValue
            actor = rule.verdict.actor.rawValue
            advice = rule.verdict.advice
            source = rule.verdict.source
        }
    }

    func lines(on terminal: Terminal) -> [String] {
        guard !errors.isEmpty else { return ["no such row"] }
        var table = TextTable(["ENDPOINT", "STATUS", "CODE", "CLASS", "ACTOR", "ADVICE"])
        for row in errors {
            table.append([
                .init(row.endpoint ?? "any"), .init(row.status), .init(row.code ?? row.message ?? "any"),
                .init(row.class), .init(row.actor), .init(row.advice),
            ])
        }
        return table.lines(on: terminal)
    }
}

extension ClosedRange<Int> {
    /// One number, or both ends.
    fileprivate var text: String { lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)-\(upperBound)" }
}
