import Foundation
import Simulator
import Synchronization
import Testing

/// Settings that change while clients connect.
///
/// `USHER_EDGE_LOAD=1 swift test --filter EdgeLoad` takes the full size: 2,000 handshakes by 50 clients, 500 changes.
@Suite(.timeLimit(.minutes(10))) struct EdgeLoadTests {
    private static let isFull = ProcessInfo.processInfo.environment["USHER_EDGE_LOAD"] != nil
    private static let (handshakes, clients, changes) = isFull ? (2_000, 50, 500) : (200, 20, 60)

    @Test(arguments: [UInt64(4)])
    func `no client sees what was changed after the change was read back`(seed: UInt64) async throws {
        try await EdgeWorld.run { (world) async throws in
            let ledger = try await LoadLedger(world, hostnames: 10)
            let standing = try await ledger.connectEach()
            let seen = try await withThrowingTaskGroup(of: LoadCount.self) { tasks in
                for client in 0..<Self.clients {
                    tasks.addTask {
                        try await ledger.work(
                            as: client,
                            handshakes: Self.handshakes / Self.clients,
                            changes: client < 10 ? Self.changes / 10 : 0,
                            seed: seed &* 1_000 &+ UInt64(client)
                        )
                    }
                }
                return try await tasks.reduce(into: LoadCount()) { $0.add($1) }
            }
            #expect(ledger.changesReadBack == Self.changes)
            #expect(seen.wrong.isEmpty, "seed \(seed): \(seen.wrong.prefix(5))")
            #expect(seen.accepted + seen.refused == Self.handshakes)
            #expect(seen.accepted > Self.handshakes / 10 && seen.refused > Self.handshakes / 10, "\(seen)")
            #expect(seen.certain > Self.handshakes / 10, "many had one right answer: \(seen)")
            for connection in standing {
                #expect(try await connection.exchange().hasPrefix("HTTP/1.1 200"), "it stood through every change")
                try await connection.close()
            }
        }
    }
}

/// What a client offers: one version, and one suite of it.
struct LoadOffer: Hashable, Sendable {
    let version: TLSChoice
    let suite: String?

    static let all = [
        LoadOffer(version: .tls13, suite: nil),
        LoadOffer(version: .tls12, suite: "ECDHE-ECDSA-AES128-GCM-SHA256"),
        LoadOffer(version: .tls12, suite: "ECDHE-RSA-AES256-GCM-SHA384"),
        LoadOffer(version: .tls12, suite: "ECDHE-RSA-AES128-SHA256"),
        LoadOffer(version: .tls12, suite: "AES128-SHA"),
        LoadOffer(version: .tls11, suite: "AES128-SHA"),
        LoadOffer(version: .tls10, suite: "ECDHE-ECDSA-AES128-SHA"),
    ]

    /// Whether an edge with these settings, in a zone with the defaults, takes the offer.
    func isAccepted(by settings: HostnameSettings) -> Bool {
        guard version.rawValue >= settings.minimumTLS ?? "1.0" else { return false }
        guard let suite else { return settings.tls13 != "off" }
        return settings.ciphers?.contains(suite) ?? true
    }
}

/// What the handshakes of some clients came to.
struct LoadCount: Sendable {
    var accepted = 0
    var refused = 0
    /// Those during which nothing was changed that makes a difference to the offer.
    var certain = 0
    var wrong: [String] = []

    mutating func add(_ other: LoadCount) {
        accepted += other.accepted
        refused += other.refused
        certain += other.certain
        wrong += other.wrong
    }
}

/// The settings of each hostname as far as they were read back, and the next ones, which may be on their way.
private final class LoadLedger: Sendable {
    private struct Entry {
        let name: String
        let id: String
        /// Settings in the order of their change; the one at `readBack` is in force, the next one may be.
        var history: [HostnameSettings]
        var readBack = 0
    }

    private let world: EdgeWorld
    private let entries: Mutex<[Entry]>

    private static let choices = [
        HostnameSettings(),
        HostnameSettings(minimumTLS: "1.2", tls13: "off"),
        HostnameSettings(minimumTLS: "1.3"),
        HostnameSettings(minimumTLS: "1.2", ciphers: ["ECDHE-ECDSA-AES128-GCM-SHA256"]),
        HostnameSettings(minimumTLS: "1.1", ciphers: ["AES128-SHA", "ECDHE-RSA-AES256-GCM-SHA384"], tls13: "off"),
        HostnameSettings(ciphers: ["ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA256"], tls13: "on"),
    ]

    init(_ world: EdgeWorld, hostnames: Int) async throws {
        var made: [Entry] = []
        for index in 0..<hostnames {
            let name = "load-\(index).tenant.dev"
            let id = try await world.create(name)
            made.append(Entry(name: name, id: id, history: [HostnameSettings()]))
        }
        world.server.clock.step(seconds: 120)
        self.world = world
        self.entries = Mutex(made)
    }

    /// One connection to each hostname, for which one request has been answered.
    func connectEach() async throws -> [EdgeConnection] {
        var connections: [EdgeConnection] = []
        for name in entries.withLock({ $0.map(\.name) }) {
            let connection = try await world.client(name).connect()
            _ = try await connection.exchange()
            connections.append(connection)
        }
        return connections
    }

    var changesReadBack: Int { entries.withLock { $0.reduce(0) { $0 + $1.readBack } } }

    /// Connects again and again to any hostname, and in between changes the settings of the client's own one.
    func work(as client: Int, handshakes: Int, changes: Int, seed: UInt64) async throws -> LoadCount {
        var random = SeededRandom(seed: seed)
        var count = LoadCount()
        for turn in 0..<handshakes {
            for _ in changes * turn / handshakes..<changes * (turn + 1) / handshakes {
                try await change(client, &random)
            }
            try await connect(&random, &count)
        }
        return count
    }

    /// Changes a hostname and waits until the change is read back as deployed.
    private func change(_ place: Int, _ random: inout SeededRandom) async throws {
        let (id, current) = entries.withLock { ($0[place].id, $0[place].history.last) }
        let settings = Self.choices.filter { $0 != current }.randomElement(using: &random) ?? HostnameSettings()
        entries.withLock { $0[place].history.append(settings) }
        try await world.edit(id, Provider.ssl(settings.wire))
        world.server.clock.step(seconds: 30)
        let read = try await world.caller.call("GET", Provider.hostnames + "/" + id).json["result"]?["ssl"]
        #expect(read?["status"] == "active")
        #expect(read?["settings"] == settings.wire)
        entries.withLock { $0[place].readBack += 1 }
    }

    /// Connects once, and compares the outcome with the settings that were in force meanwhile.
    private func connect(_ random: inout SeededRandom, _ count: inout LoadCount) async throws {
        let offer = LoadOffer.all.randomElement(using: &random) ?? LoadOffer.all[0]
        let place = Int.random(in: 0..<10, using: &random)
        let (name, from) = entries.withLock { ($0[place].name, $0[place].readBack) }
        let outcome = try await client(name, offer).request()
        let possible = entries.withLock { entries in
            Set(entries[place].history[from...].map(offer.isAccepted))
        }
        let isAccepted = outcome.status == 200
        if isAccepted { count.accepted += 1 } else { count.refused += 1 }
        if possible.count == 1 { count.certain += 1 }
        if !possible.contains(isAccepted) { count.wrong.append("\(name), \(offer): status \(outcome.status ?? 0)") }
    }

    private func client(_ name: String, _ offer: LoadOffer) -> EdgeClient {
        var client = world.client(name)
        client.restrict(to: offer.version, offer.suite)
        return client
    }
}
