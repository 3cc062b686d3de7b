import Simulator

/// A simulated provider without HTTP and without a clock: a test says what time it is.
struct Provider {
    var simulation: Simulation
    var now: VirtualInstant
    var authorization: String? = "Bearer \(SimulatorConfiguration.demoToken)"
    static let start = VirtualInstant(microseconds: 1_800_000_000_000_000)
    static let hostnames = "/client/v4/zones/\(SimulatorConfiguration.demoZone)/custom_hostnames"
    static let settings = "/client/v4/zones/\(SimulatorConfiguration.demoZone)/settings"

    init(_ change: (inout SimulatorConfiguration) -> Void = { _ in }) {
        var configuration = SimulatorConfiguration()
        configuration.limits = .none
        change(&configuration)
        now = Self.start
        simulation = Simulation(configuration, now: now)
    }

    var zone: SimulatedZone { simulation.zone }

    mutating func wait(_ seconds: Double) {
        now = now.adding(seconds: seconds)
    }

    mutating func exchange(_ method: String, _ target: String, _ body: APIValue? = nil) -> Simulation.Exchange {
        let bytes = body.map { Array($0.text.utf8) } ?? []
        let request = APIRequest(method: method, target: target, authorization: authorization, body: bytes)
        return simulation.respond(to: request, now: now)
    }

    /// The answer; a connection that is closed without one counts as status 0.
    mutating func call(_ method: String, _ target: String, _ body: APIValue? = nil) -> APIAnswer {
        exchange(method, target, body).answer ?? APIAnswer(status: 0, body: .json(.null))
    }

    mutating func create(_ name: String = "shop.tenant.dev", _ ssl: APIValue = Provider.ssl()) -> APIAnswer {
        call("POST", Self.hostnames, ["hostname": .string(name), "ssl": ssl])
    }

    /// Creates a hostname and returns its id.
    mutating func created(_ name: String = "shop.tenant.dev", _ ssl: APIValue = Provider.ssl()) -> String {
        create(name, ssl).json["result"]?["id"]?.string ?? "not created"
    }

    mutating func get(_ id: String) -> APIValue {
        call("GET", "\(Self.hostnames)/\(id)").json["result"] ?? .null
    }

    mutating func edit(_ id: String, ssl: APIValue) -> APIAnswer {
        call("PATCH", "\(Self.hostnames)/\(id)", ["ssl": ssl])
    }

    mutating func list(_ query: String = "") -> APIAnswer {
        call("GET", Self.hostnames + (query.isEmpty ? "" : "?" + query))
    }

    /// An `ssl` object with type and method, and what else is given.
    static func ssl(_ settings: APIValue? = nil, with more: [String: APIValue] = [:]) -> APIValue {
        var members: [String: APIValue] = ["type": "dv", "method": "http"]
        members["settings"] = settings
        members.merge(more) { _, new in new }
        return .object(members)
    }
}

extension APIAnswer {
    /// Status and code in one value, for tables.
    var outcome: [Int] { [status, errorCode ?? 0] }

    /// Names of the hostnames of a list answer.
    var names: [String] { json["result"]?.array?.compactMap { $0["hostname"]?.string } ?? [] }
}
