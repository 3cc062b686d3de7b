import ArgumentParser
import Foundation

/// The command `usher`: what it knows, and the one way out of it when something fails.
@main
struct Usher: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usher",
        abstract: "Bring the custom hostnames of a platform's tenants to the TLS settings their tier promises.",
        discussion: """
            EXAMPLES:
              usher migrate up
              usher tier apply jobs/tiers.yaml --reason "first tiers"
              usher enqueue jobs/onboarding.csv
              usher job list --state failed
              usher hostname get www.acme.com

            \(Setting.help)

            \(ExitStatus.help)
            """,
        subcommands: [
            MigrateCommand.self, TierCommand.self, TenantCommand.self, EnqueueCommand.self, PlanCommand.self,
            ApplyCommand.self, JobCommand.self, BatchCommand.self, ReplayCommand.self, PauseCommand.self,
            ResumeCommand.self, AuditCommand.self, ScheduleCommand.self, RetentionCommand.self, HostnameCommand.self,
            EvidenceCommand.self, DriftCommand.self, CertCommand.self, KeysCommand.self, ProviderCommand.self,
            SimulateCommand.self, DoctorCommand.self, WorkCommand.self, ServeCommand.self, BenchCommand.self,
            DemoCommand.self,
        ]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            leave(with: error)
        }
    }

    /// Help, usage errors and statuses are the parser's to show; everything else becomes one line and a status.
    private static func leave(with error: any Error) -> Never {
        let status = exitCode(for: error)
        if status == .success || error is ExitCode { exit(withError: error) }
        let failure = status == .validationFailure ? usage(error) : Failure(describing: error)
        let text = failure.lines.map { $0 + "\n" }.joined()
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
        exit(withError: ExitCode(failure.status.rawValue))
    }

    /// What the parser says of a wrong command line: the message, and in its last line where to read more.
    private static func usage(_ error: any Error) -> Failure {
        let advice = fullMessage(for: error).split(separator: "\n").last.map { $0.trimmingCharacters(in: .whitespaces) }
        return Failure(message(for: error), hint: advice, status: .usage)
    }
}
