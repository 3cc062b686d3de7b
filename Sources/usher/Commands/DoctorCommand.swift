import ArgumentParser
import AsyncHTTPClient
import Cloudflare
import Foundation
import JobQueue
import Onboarding
import Postgres

/// The command `usher doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check settings, database, queue and provider, and say what to do.",
        discussion: "Ends with status 0 if nothing failed, 1 otherwise; warnings count as nothing."
    )

    @OptionGroup var migrations: MigrationOptions
    @OptionGroup var provider: ProviderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try CoreDumps.forbid()
        let settings = try migrations.database.settings(provider.flags)
        var checks = await databaseChecks(settings)
        checks += keyChecks(settings)
        checks += await providerChecks(settings)
        try output.output.show(DoctorReport(checks: checks))
        let failed = checks.filter { $0.verdict == .fail }.count
        if failed > 0 { throw Failure("\(counted(failed, "check")) failed") }
    }

    private func databaseChecks(_ settings: Settings) async -> [DoctorCheck] {
        do {
            let status = try await migrations.migrator().status()
            let schema = DoctorCheck.migrations(status)
            guard schema.verdict == .ok else { return [schema] }
            let sent = Date()
            return try await settings.withDatabase { pool in
                let health = try await QueueHealth.read(from: pool)
                let queue = DoctorCheck.queue(health, sent: sent, received: Date())
                return [schema] + DoctorCheck.server(try await ServerHealth.read(from: pool)) + queue
                    + DoctorCheck.upkeep(try await UpkeepHealth.read(from: pool))
                    + DoctorCheck.provider(try await ProviderStatus.read(from: pool))
            }
        } catch {
            return [DoctorCheck("database", failed: error)]
        }
    }

    private func keyChecks(_ settings: Settings) -> [DoctorCheck] {
        guard let file = settings.keysFile else {
            let advice = "workers need \(Setting.keysFile.environmentName) to serve tenants' own certificates"
            return [DoctorCheck("keys", .warn, "no key file is configured", advice)]
        }
        do {
            let ring = try KeyRing(file: file)
            return [
                DoctorCheck("keys", .ok, "\(file) holds \(counted(ring.ids.count, "key")); current \(ring.current.id)")
            ]
        } catch {
            return [DoctorCheck("keys", failed: error)]
        }
    }

    private func providerChecks(_ settings: Settings) async -> [DoctorCheck] {
        let provider: Settings.Provider
        let table: ErrorTable
        do {
            provider = try settings.provider()
            table = try settings.errorTable()
        } catch {
            return [DoctorCheck("provider", .warn, error.message, error.hint)]
        }
        let cloudflare = provider.cloudflareSettings
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: cloudflare.httpConfiguration)
        let client = CloudflareClient(settings: cloudflare, http: http, errors: table)
        let checks = await settings.withAdmission { calls in
            [await tokenCheck(client, calls), await quotaCheck(client, calls, zone: provider.zone)]
        }
        try? await http.shutdown()
        return checks
    }

    private func tokenCheck(_ client: CloudflareClient, _ calls: InteractiveCalls) async -> DoctorCheck {
        do {
            return .token(try await calls.make { () async throws(CloudflareError) in try await client.verifyToken() })
        } catch {
            return DoctorCheck("token", failed: error)
        }
    }

    private func quotaCheck(
        _ client: CloudflareClient,
        _ calls: InteractiveCalls,
        zone: String
    ) async -> DoctorCheck {
        do {
            let quota = try await calls.make { () async throws(CloudflareError) in try await client.quota() }
            await calls.keep(quota, of: zone)
            return .quota(quota)
        } catch {
            return DoctorCheck("quota", failed: error)
        }
    }
}

extension Settings.Provider {
    /// How the provider's client is set up.
    var cloudflareSettings: CloudflareSettings {
        var settings = CloudflareSettings(zoneID: zone, token: token)
        settings.baseURL = url
        settings.accountID = account
        return settings
    }
}

/// What `usher doctor` prints.
private struct DoctorReport: Report {
    let checks: [DoctorCheck]

    func lines(on terminal: Terminal) -> [String] {
        let width = checks.map(\.name.displayWidth).max() ?? 0
        return checks.flatMap { check in
            let verdict = terminal.painted(check.verdict.rawValue.padded(to: 5), check.verdict.tone)
            let line = verdict + check.name.padded(to: width + 2) + check.message.onOneLine
            let indent = String(repeating: " ", count: width + 7)
            return [line] + (check.advice.map { [terminal.painted(indent + "→ " + $0.onOneLine, .faint)] } ?? [])
        }
    }
}
