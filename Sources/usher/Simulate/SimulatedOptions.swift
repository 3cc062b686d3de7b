import ArgumentParser
import Simulator
import TLSPolicy

extension ZonePlan: ExpressibleByArgument {}
extension SimulatedToken.Scope: ExpressibleByArgument {}
extension SimulatedToken.Status: ExpressibleByArgument {}

/// How the simulated provider's time passes, and how long its steps take.
struct SimulatedTimeOptions: ParsableArguments {
    @Option(help: "real, scaled:N for N virtual seconds in one of ours, or stepped: only usher simulate step moves it.")
    var clock: ClockChoice?
    @Option(help: "The same as --clock scaled:N.") var scale: Double?
    @Option(help: "Seconds for which reads show the time before a write.") var readLag: Double?
    @Option(help: "Seconds until a new certificate shows its validation records.") var recordsAppear: Double?
    @Option(help: "Seconds that changed settings take to reach the edge.") var redeployment: Double?
    @Option(help: "Seconds for which a deleted hostname still answers.") var deletionLinger: Double?
    @Option(help: "Seconds after the start for which the token is refused, as new ones are.") var tokenActivation:
        Double?

    func validate() throws {
        guard clock == nil || scale == nil else { throw ValidationError("--clock and --scale exclude each other") }
        guard scale ?? 1 > 0 else { throw ValidationError("--scale must be above 0") }
    }

    var pace: VirtualClock.Pace { clock?.pace ?? .scaled(scale ?? 1) }

    func apply(to timings: inout ProviderTimings) {
        timings.readLag = readLag ?? timings.readLag
        timings.recordsAppear = recordsAppear ?? timings.recordsAppear
        timings.redeployment = redeployment ?? timings.redeployment
        timings.deletionLinger = deletionLinger ?? timings.deletionLinger
        timings.tokenActivation = tokenActivation ?? timings.tokenActivation
    }
}

/// The value of `--clock`.
struct ClockChoice: ExpressibleByArgument {
    let pace: VirtualClock.Pace

    init?(argument: String) {
        let parts = argument.split(separator: ":")
        switch (parts.first, parts.count) {
        case ("real", 1): pace = .scaled(1)
        case ("stepped", 1): pace = .stepped
        case ("scaled", 2):
            guard let factor = Double(parts[1]), factor > 0 else { return nil }
            pace = .scaled(factor)
        default: return nil
        }
    }
}

/// What the zone is entitled to, what it starts with, and what the token may do.
struct SimulatedZoneOptions: ParsableArguments {
    @Option(help: "The zone's plan: free, pro, business or enterprise.") var plan: ZonePlan = .enterprise
    @Option(help: "Hostnames included; above it creation warns of billing.") var quota: Int?
    @Option(help: "Hostnames at most; above it creation is refused (1405).") var hardCap: Int?
    @Flag(help: "Custom hostnames were never switched on: every call on them is refused (1404).") var notEnabled = false
    @Option(help: "A scope that the token lacks; may be given several times.") var withoutScope:
        [SimulatedToken.Scope] =
            []
    @Option(help: "The token is active, disabled or expired.") var tokenStatus: SimulatedToken.Status = .active
    @Flag(help: "The zone lacks Advanced Certificate Manager: its ciphers cannot be set (1450).")
    var noAdvancedCertificates = false
    @Flag(help: "The zone has no fallback origin: nothing becomes active.") var noFallbackOrigin = false
    @Option(help: "The zone's minimum TLS version.") var zoneMinTLS: String?
    @Option(help: "The zone's TLS 1.3, on or off.") var zoneTLS13: String?

    func validate() throws {
        guard ["1.0", "1.1", "1.2", "1.3"].contains(zoneMinTLS ?? "1.0") else {
            throw ValidationError("--zone-min-tls must be 1.0, 1.1, 1.2 or 1.3")
        }
        guard ["on", "off"].contains(zoneTLS13 ?? "on") else { throw ValidationError("--zone-tls13 is on or off") }
    }

    func apply(to configuration: inout SimulatorConfiguration) throws {
        configuration.plan = plan
        configuration.quota = plan.quota
        configuration.quota.allocated = quota ?? configuration.quota.allocated
        configuration.quota.hardCap = hardCap ?? configuration.quota.hardCap
        configuration.quota.isAllocated = !notEnabled
        configuration.tokens[0].scopes.subtract(withoutScope)
        configuration.tokens[0].status = tokenStatus
        configuration.semantics.hasAdvancedCertificates = !noAdvancedCertificates
        if noFallbackOrigin { configuration.fallbackOrigin = nil }
        configuration.zoneSettings.minimumTLS = zoneMinTLS ?? configuration.zoneSettings.minimumTLS
        configuration.zoneSettings.tls13 = zoneTLS13 ?? configuration.zoneSettings.tls13
    }
}

/// What the tenants' DNS does.
struct SimulatedDNSOptions: ParsableArguments {
    @Option(help: "A file of DNS fixtures.") var dns: String?
    @Option(help: "A hostname whose DNS never points here; may be given several times.") var neverValidates: [String] =
        []

    func apply(to configuration: inout SimulatorConfiguration) throws {
        if let dns {
            let script = try JSONScript.read(dns)
            do throws(DNSScriptError) {
                configuration.dns = try DNSTable(script: script)
            } catch {
                throw JSONScript.failure(dns, error.description)
            }
        }
        for name in neverValidates {
            configuration.dns.exceptions[try canonicalHostname(name).ascii] = .never
        }
    }
}

/// The two rate limits, who else uses them up, and what goes wrong.
struct SimulatedLimitOptions: ParsableArguments {
    @Flag(help: "Lift the provider's rate limits.") var unlimited = false
    @Option(help: "Calls in five minutes.") var calls: Int?
    @Option(help: "New certificates in a minute.") var certificates: Int?
    @Option(help: "Another client uses this share of the calls, such as 30%.") var secondWriter: Share?
    @Option(help: "A file with a fault script.") var faults: String?

    func validate() throws {
        guard calls ?? 1 > 0, certificates ?? 1 > 0 else {
            throw ValidationError("--calls and --certificates must be above 0; --unlimited lifts both")
        }
    }

    func apply(to configuration: inout SimulatorConfiguration, _ clock: VirtualClock) throws {
        if unlimited { configuration.limits = .none }
        if let calls { configuration.limits.calls?.count = calls }
        if let certificates { configuration.limits.certificates?.count = certificates }
        configuration.limits.foreignShare = secondWriter?.value ?? 0
        guard let faults else { return }
        let script = try JSONScript.read(faults)
        do throws(FaultPlan.ScriptError) {
            configuration.faults = try FaultPlan(script: script, now: clock.now)
        } catch {
            throw JSONScript.failure(faults, error.description)
        }
    }
}

/// A share such as `30%` or `0.3`.
struct Share: ExpressibleByArgument {
    let value: Double

    init?(argument: String) {
        let isPercent = argument.hasSuffix("%")
        guard let number = Double(isPercent ? argument.dropLast() : argument[...]) else { return nil }
        value = isPercent ? number / 100 : number
        guard (0...1).contains(value) else { return nil }
    }
}

/// A JSON file that steers the simulator.
enum JSONScript {
    static func read(_ path: String) throws -> APIValue {
        guard let script = APIValue(parsing: try InputFile.read(path).get()) else {
            throw failure(path, "not JSON")
        }
        return script
    }

    static func failure(_ path: String, _ reason: String) -> Failure {
        Failure("\(path): \(reason)", hint: "see usher simulate run --help", status: .badData)
    }
}
