import ArgumentParser
import Simulator
import TLSPolicy

// What people do at the provider while usher works: each command is one call to the control port.

/// The command `usher simulate edit`.
struct SimulateEditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Edit a hostname in the provider's dashboard, which pins its minimum TLS version."
    )

    @Argument(help: "The hostname.") var hostname: String
    @Option(name: .customLong("min-tls"), help: "1.0, 1.1, 1.2 or 1.3.") var minimumTLS: String?
    @Option(help: "OpenSSL names separated by commas.") var ciphers: String?
    @Option(name: .customLong("tls13"), help: "on or off.") var tls13: String?
    @Option(help: "on or off.") var http2: String?
    @OptionGroup var control: SimulatorControlOptions

    func run() async throws {
        var settings: [String: APIValue] = [:]
        settings["min_tls_version"] = minimumTLS.map(APIValue.string)
        settings["ciphers"] = ciphers.map { .array($0.split(separator: ",").map { .string(String($0)) }) }
        settings["tls_1_3"] = tls13.map(APIValue.string)
        settings["http2"] = http2.map(APIValue.string)
        let name = try canonicalHostname(hostname).ascii
        try await control.post("edit", ["hostname": .string(name), "settings": .object(settings)])
    }
}

/// The command `usher simulate delete`.
struct SimulateDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a hostname by hand.")
    @OptionGroup var subject: HandSubject

    func run() async throws { try await subject.apply(.delete) }
}

/// The command `usher simulate move`.
struct SimulateMoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Let another zone validate a hostname: it is moved."
    )
    @OptionGroup var subject: HandSubject

    func run() async throws { try await subject.apply(.move) }
}

/// The command `usher simulate block`.
struct SimulateBlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "block",
        abstract: "Hold a hostname's domain: it is blocked until the next edit."
    )
    @OptionGroup var subject: HandSubject

    func run() async throws { try await subject.apply(.block) }
}

/// The command `usher simulate refresh`.
struct SimulateRefreshCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Press Refresh for a hostname: its validations begin anew."
    )
    @OptionGroup var subject: HandSubject

    func run() async throws { try await subject.apply(.refresh) }
}

/// A hostname and what is done to it.
struct HandSubject: ParsableArguments {
    @Argument(help: "The hostname.") var hostname: String
    @OptionGroup var control: SimulatorControlOptions

    func apply(_ hand: SimulatedZone.Hand) async throws {
        let name = try canonicalHostname(hostname).ascii
        try await control.post("hand", ["hostname": .string(name), "action": .string(hand.rawValue)])
    }
}

/// The command `usher simulate dns`.
struct SimulateDNSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dns",
        abstract: "Let a tenant's DNS be otherwise from now on."
    )

    @Argument(help: "The hostname; without it, every one without a fixture of its own.") var hostname: String?
    @Option(help: "points_here, never, blocked or moved.") var fixture: String?
    @Option(help: "here, nowhere, elsewhere or held.") var route: String?
    @Flag(help: "The ownership TXT record is there.") var ownershipTXT = false
    @Flag(help: "The ownership token is served over HTTP.") var ownershipHTTP = false
    @Option(name: .customLong("acme-txt"), help: "absent, current or set_once.") var acmeTXT: String?
    @Flag(help: "_acme-challenge is a CNAME to the provider.") var acmeDelegated = false
    @Option(help: "What keeps certificates from being issued, such as caa, servfail or dnssec.") var trouble: String?
    @Option(help: "Seconds from now.") var after: Double = 0
    @OptionGroup var control: SimulatorControlOptions

    func run() async throws {
        var body: [String: APIValue] = ["after_seconds": .number(after)]
        body["hostname"] = try hostname.map { .string(try canonicalHostname($0).ascii) }
        if let fixture {
            body["fixture"] = .string(fixture)
        } else {
            body["route"] = route.map(APIValue.string)
            body["ownership_txt"] = .bool(ownershipTXT)
            body["ownership_http"] = .bool(ownershipHTTP)
            body["acme_txt"] = acmeTXT.map(APIValue.string)
            body["acme_delegated"] = .bool(acmeDelegated)
            body["trouble"] = trouble.map(APIValue.string)
        }
        try await control.post("dns", .object(body))
    }
}

/// The command `usher simulate faults`.
struct SimulateFaultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults",
        abstract: "Replace the fault script; {} ends all faults."
    )

    @Argument(help: "The file; - is standard input.") var file: String
    @OptionGroup var control: SimulatorControlOptions

    func run() async throws { try await control.post("faults", try JSONScript.read(file)) }
}

/// The command `usher simulate step`.
struct SimulateStepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "step", abstract: "Move the clock forward.")

    @Argument(help: "Virtual seconds.") var seconds: Double
    @OptionGroup var control: SimulatorControlOptions

    func run() async throws { try await control.post("clock/step", ["seconds": .number(seconds)]) }
}

/// The command `usher simulate save`.
struct SimulateSaveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "save",
        abstract: "Save the state to the file the simulator was started with."
    )
    @OptionGroup var control: SimulatorControlOptions

    func run() async throws { try await control.post("save", [:]) }
}
