import ArgumentParser
import Foundation
import Glibc
import Logging
import Onboarding
import Postgres
import TLSPolicy

/// The command `usher work`.
struct WorkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "work",
        abstract: "Run a worker: claim jobs, bring their hostnames to policy, record what came of it.",
        discussion: """
            Runs until SIGTERM or SIGINT, then claims no more, finishes what runs, and hands back what does not end in
            time (exit status 0). A second signal has it hand back everything and leave at once (130); what it cannot
            hand back, because the database is away (75), others take over when its lease ends. Start as many as you
            like, anywhere: they share the provider's limits. Under systemd use Type=notify: it says when it is ready
            and what it does, and with WatchdogSec= (60 or more) it is restarted if its loop gets stuck.

            A hostname is recorded as enforced once handshakes with its edge have shown it, so workers must be able to
            reach the hostnames at port 443, or the edge of --edge; see usher hostname verify.

            EXAMPLE:
              export USHER_DATABASE_URL=postgresql://usher@db/usher USHER_PROVIDER_ZONE=023e… \\
                     USHER_PROVIDER_TOKEN_FILE=/run/secrets/cf_token USHER_KEYS_FILE=/run/secrets/usher.keys
              usher work --slots 8
            """
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var provider: ProviderOptions
    @OptionGroup var edge: EdgeOptions

    @Flag(name: .customLong("no-probe"), help: "Call a hostname enforced without having seen it in a handshake.")
    var noProbe = false

    @Option(help: "Jobs run at once.")
    var slots = 8

    @Option(name: .customLong("lease-seconds"), help: "A worker not heard of for this long loses its jobs to others.")
    var lease_s = 20.0

    @Option(name: .customLong("drain-seconds"), help: "How long jobs may still run after the first signal.")
    var drain_s = 20.0

    @Option(help: "The plan of the provider's zone: enterprise or standard.")
    var plan = Plan.enterprise

    @Option(
        name: .customLong("time-scale"),
        help: "Provider seconds that pass in one of ours; for a simulator whose clock is fast."
    )
    var timeScale = 1.0

    @Option(help: .hidden)
    var parent: Int32?

    enum Plan: String, ExpressibleByArgument, CaseIterable {
        case enterprise
        case standard
    }

    func validate() throws {
        if slots < 1 { throw ValidationError("--slots is \(slots); at least 1 is needed") }
        if lease_s < 1 { throw ValidationError("--lease-seconds is \(lease_s); at least 1 is needed") }
        if drain_s < 0 { throw ValidationError("--drain-seconds is \(drain_s); at least 0 is needed") }
        if timeScale < 1 { throw ValidationError("--time-scale is \(timeScale); at least 1 is needed") }
    }

    func run() async throws {
        try CoreDumps.forbid()
        var flags = provider.flags.merging(edge.flags) { first, _ in first }
        if noProbe { flags[.edgeProof] = Settings.Edge.noProof }
        let settings = try database.settings(flags)
        var options = WorkerOptions()
        options.slots = slots
        options.lease = .seconds(lease_s)
        options.drainLimit = .seconds(drain_s)
        options.time = ProviderTime(scale: timeScale)
        options.capabilities = plan == .enterprise ? .enterprise : .business
        options.proving = settings.edge.proving(timeScale: timeScale)
        let process = WorkerProcess(
            database: settings.workerConnection,
            provider: try settings.provider(),
            keys: try settings.keysFile.map { try WorkerKeys(file: $0) },
            errors: try settings.errorTable(),
            options: options,
            logger: settings.logger(.info)
        )
        let watch = parent.map { parent in Task { await Self.leave(without: parent) } }
        defer { watch?.cancel() }
        try report(try await process.run())
    }

    private func report(_ ending: StopOrder.Ending) throws {
        switch ending {
        case .inOrder: return
        case .hurried:
            throw Failure("ended by a second signal", hint: "its jobs run elsewhere", status: .interrupted)
        case .overdue:
            let hint = "others take its jobs over when its lease of \(lease_s) s ends"
            throw Failure("could not hand back its jobs in time", hint: hint, status: .tryLater)
        }
    }

    /// A worker of a demo or a bench does not outlive it, however the demo ended.
    static func leave(without parent: Int32) async {
        while !Task.isCancelled && getppid() == parent {
            try? await Task.sleep(for: .milliseconds(500))
        }
        if Task.isCancelled { return }
        kill(getpid(), SIGTERM)
        // The parent's database may have gone with it, and then there is nobody to hand the jobs back to.
        try? await Task.sleep(for: .seconds(10))
        if !Task.isCancelled { kill(getpid(), SIGKILL) }
    }
}

extension Settings {
    /// How a worker meets the database: a statement that hangs is given up before its lease is.
    var workerConnection: ConnectionSettings {
        var settings = ConnectionSettings(url: databaseURL ?? "")
        settings.applicationName = "usher work"
        settings.statementTimeout = .seconds(10)
        settings.defaultDeadline = .seconds(15)
        return settings
    }
}
