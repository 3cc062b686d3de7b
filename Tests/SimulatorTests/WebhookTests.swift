import Hummingbird
import Logging
import NIOCore
import Simulator
import Synchronization
import TestSupport
import Testing

/// The simulator's webhooks over real HTTP.
@Suite(.timeLimit(.minutes(2))) struct WebhookTests {
    /// Runs a receiver and a simulator that sends to it.
    private func withReceiver(
        _ webhooks: WebhookManners = WebhookManners(),
        dns: DNSFixture = .pointsHere(after: 0),
        url unreachable: String? = nil,
        _ test: (SimulatorServer, Caller, Received) async throws -> Void
    ) async throws {
        let received = Received()
        let (port, resolve) = AsyncStream<Int>.makeStream()
        let router = Router()
        router.post("/hook") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            let secret = request.headers.first { $0.name.rawName.lowercased() == "cf-webhook-auth" }?.value
            received.add(secret, APIValue(parsing: String(buffer: body)) ?? .null)
            return "ok"
        }
        let receiver = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in resolve.yield(channel.localAddress?.port ?? 0) },
            logger: .quiet
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await receiver.run() }
            var ports = port.makeAsyncIterator()
            let url = "http://127.0.0.1:\(await ports.next() ?? 0)/hook"
            var configuration = SimulatorConfiguration()
            configuration.webhookReceiver = WebhookReceiver(url: unreachable ?? url, secret: "a-shared-word")
            configuration.webhooks = webhooks
            configuration.dns = DNSTable(standard: dns)
            let clock = VirtualClock(pace: .stepped, startingAt: Provider.start)
            let server = SimulatorServer(configuration, clock: clock, logger: .quiet)
            tasks.addTask { try await server.run() }
            try await test(server, Caller(root: "http://127.0.0.1:\(try await server.port)"), received)
            tasks.cancelAll()
        }
    }

    private func create(_ caller: Caller, _ name: String) async throws {
        let body: APIValue = ["hostname": .string(name), "ssl": Provider.ssl()]
        #expect(try await caller.call("POST", Provider.hostnames, body).status == 201)
    }

    @Test func `each stage is announced with the secret, in both shapes by turns`() async throws {
        try await withReceiver { (server, caller, received) async throws in
            try await create(caller, "a.tenant.dev")
            server.clock.step(seconds: 60)
            #expect(try await eventually { received.types.count == 3 })
            let stages = ["validation", "issuance", "deployment"]
            #expect(received.types == stages.map { "ssl.custom_hostname_certificate.\($0).succeeded" })
            #expect(received.secrets == ["a-shared-word"])
            #expect(received.bodies.count == 4, "the first is the test message")
            let events = received.bodies.dropFirst()
            #expect(events.count { $0["alert_type"] != nil } == 1)
            #expect(events.allSatisfy { $0.certificate["data"]?["hostname"] == "a.tenant.dev" })
        }
    }

    @Test(arguments: [true, false])
    func `failed comes with every try, or once`(_ everyTry: Bool) async throws {
        var manners = WebhookManners()
        manners.failsOnEveryTry = everyTry
        try await withReceiver(manners, dns: .never) { (server, caller, received) async throws in
            try await create(caller, "a.tenant.dev")
            server.clock.step(seconds: 300)
            if everyTry { #expect(try await eventually { received.types.count == 5 }) }
            server.setDNS(DNSTable())
            server.clock.step(seconds: 100)
            #expect(try await eventually { received.types.last?.hasSuffix("deployment.succeeded") == true })
            #expect(received.types.count { $0.hasSuffix("validation.failed") } >= (everyTry ? 5 : 0))
            if !everyTry { #expect(received.types.count == 3) }
        }
    }

    @Test func `webhooks can come twice, and forget who a deletion was about`() async throws {
        var manners = WebhookManners()
        manners.duplicates = 1
        try await withReceiver(manners) { (server, caller, received) async throws in
            try await create(caller, "a.tenant.dev")
            let id = server.snapshot().hostnames.all[0].id
            _ = try await caller.call("DELETE", "\(Provider.hostnames)/\(id)")
            #expect(try await eventually { received.types.count == 2 })
            let events = received.bodies.dropFirst().map(\.certificate)
            #expect(Set(events.map { $0["metadata"]?["event"]?["id"] }).count == 1, "the same event")
            #expect(events.allSatisfy { $0["data"]?["hostname"] == nil && $0["data"]?["ssl"] != nil })
        }
    }

    @Test func `a receiver that is not there hurts nobody`() async throws {
        try await withReceiver(url: "http://127.0.0.1:9/") { (server, caller, _) async throws in
            try await create(caller, "a.tenant.dev")
            server.clock.step(seconds: 60)
            let path = Provider.hostnames + "?ssl_status=active"
            #expect(try await caller.call("GET", path).names == ["a.tenant.dev"])
        }
    }
}

/// What a receiver of webhooks got.
private final class Received: Sendable {
    private let all = Mutex<[(secret: String?, body: APIValue)]>([])

    func add(_ secret: String?, _ body: APIValue) { all.withLock { $0.append((secret, body)) } }

    var bodies: [APIValue] { all.withLock { $0.map(\.body) } }
    var secrets: Set<String?> { all.withLock { Set($0.map(\.secret)) } }
    var types: [String] { bodies.compactMap { $0.certificate["metadata"]?["event"]?["type"]?.string } }
}

extension APIValue {
    /// The certificate's part of either shape.
    fileprivate var certificate: APIValue { self["data"]?["metadata"] == nil ? self : self["data"] ?? .null }
}
