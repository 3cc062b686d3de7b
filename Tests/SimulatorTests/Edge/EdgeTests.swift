import NIOCore
import NIOPosix
import Simulator
import Testing

/// The edge over real TLS: who is served, by what, and from when on.
@Suite(.timeLimit(.minutes(2))) struct EdgeTests {
    private func uploaded(
        _ names: [String],
        _ keys: [CertificateAuthority.KeyType],
        settings: APIValue? = nil,
        days: Double = 90,
        wildcard: Bool = false
    ) throws -> APIValue {
        let authority = try CertificateAuthority(start: .realNow)
        let now = VirtualInstant.realNow
        let pairs = try keys.map { key -> APIValue in
            let (start, end) = (now.adding(seconds: -100 * 86_400), now.adding(seconds: days * 86_400))
            let pair = try authority.issue(names: names, key: key, notBefore: start, notAfter: end)
            return ["custom_certificate": .string(pair.chainPEM), "custom_key": .string(pair.keyPEM)]
        }
        return Provider.ssl(settings, with: ["custom_cert_bundle": .array(pairs), "wildcard": .bool(wildcard)])
    }

    @Test func `a hostname is served from its deployment until its deletion`() async throws {
        try await EdgeWorld.run { (world) async throws in
            let id = try await world.create("shop.tenant.dev")
            let client = world.client("shop.tenant.dev")
            #expect(try await client.request().isUnrecognized, "not deployed yet")
            world.server.clock.step(seconds: 120)
            let served = try await client.request()
            #expect(served.status == 200)
            #expect(try await world.client("SHOP.tenant.dev").request().leaf == served.leaf)
            #expect(try await world.client("other.tenant.dev").request().isUnrecognized)
            #expect(try await world.client("a.shop.tenant.dev").request().isUnrecognized, "no wildcard")
            _ = try await world.caller.call("DELETE", Provider.hostnames + "/" + id)
            #expect(try await client.request().isUnrecognized, "deleted")
        }
    }

    @Test func `settings hold from the moment the API shows them as deployed`() async throws {
        try await EdgeWorld.run { (world) async throws in
            let id = try await world.deploy("shop.tenant.dev")
            var old = world.client("shop.tenant.dev")
            old.restrict(to: .tls11, "AES128-SHA")
            let connection = try await old.connect()
            try await world.edit(id, Provider.ssl(["min_tls_version": "1.2"]))
            #expect(try await old.request().status == 200, "still being deployed")
            world.server.clock.step(seconds: 20)
            #expect(try await old.request().isRefused(by: "PROTOCOL_VERSION"))
            #expect(try await connection.exchange().hasPrefix("HTTP/1.1 200"), "what stands is left alone")
            try await connection.close()
            try await world.edit(id, Provider.ssl(["ciphers": ["ECDHE-RSA-AES128-GCM-SHA256"]]))
            world.server.clock.step(seconds: 20)
            #expect(try await old.request().isRefused(by: "HANDSHAKE_FAILURE"), "no suite in common")
        }
    }

    @Test func `what a hostname leaves open is the zone's, at once`() async throws {
        try await EdgeWorld.run { (world) async throws in
            try await world.deploy("shop.tenant.dev")
            var client = world.client("shop.tenant.dev")
            client.restrict(to: .tls10, "DES-CBC3-SHA")
            #expect(try await client.request().status == 200, "the default list has everything")
            client.restrict(to: .tls12, "DES-CBC3-SHA")
            #expect(try await client.request().isRefused(by: "HANDSHAKE_FAILURE"), "3DES is for TLS 1.0 only")
            client.restrict(to: .tls13, nil)
            #expect(try await client.request().status == 200)
            try await world.setZone("tls_1_3", "off")
            #expect(try await client.request().isRefused(by: "PROTOCOL_VERSION"))
            client.restrict(to: .tls12, "AES128-SHA")
            #expect(try await client.request().status == 200)
            try await world.setZone("ciphers", ["AES256-SHA"])
            #expect(try await client.request().isRefused(by: "HANDSHAKE_FAILURE"))
        }
    }

    @Test func `managed certificates come in two kinds and lead to the simulator's root`() async throws {
        try await EdgeWorld.run { (world) async throws in
            try await world.deploy("shop.tenant.dev")
            for (suite, isECDSA) in [("ECDHE-ECDSA-AES128-SHA", true), ("AES128-SHA", false)] {
                var client = world.client("shop.tenant.dev")
                client.restrict(to: .tls12, suite)
                client.trustedRoot = try world.server.rootPEM
                let leaf = try ServedLeaf(try await client.request())
                #expect(leaf.names == ["shop.tenant.dev"])
                #expect(leaf.isECDSA == isECDSA)
            }
        }
    }

    @Test func `an uploaded certificate is served, the old one until then`() async throws {
        try await EdgeWorld.run { (world) async throws in
            let id = try await world.deploy("shop.tenant.dev")
            let client = world.client("shop.tenant.dev")
            let managed = try await client.request().leaf
            try await world.edit(id, try uploaded(["shop.tenant.dev", "own.dev"], [.rsa2048]))
            #expect(try await client.request().leaf == managed)
            world.server.clock.step(seconds: 120)
            let own = try ServedLeaf(try await client.request())
            #expect(own.names == ["shop.tenant.dev", "own.dev"])
            var ecdsa = client
            ecdsa.restrict(to: .tls12, "ECDHE-ECDSA-AES128-GCM-SHA256")
            #expect(try await ecdsa.request().isRefused(by: "HANDSHAKE_FAILURE"), "there is only an RSA key")
        }
    }

    @Test func `an uploaded certificate is served beyond its end`() async throws {
        try await EdgeWorld.run { (world) async throws in
            try await world.deploy("shop.tenant.dev", try uploaded(["shop.tenant.dev"], [.p256], days: 30))
            let before = try await world.client("shop.tenant.dev").request()
            world.server.clock.step(seconds: 40 * 86_400)
            #expect(try await world.client("shop.tenant.dev").request() == before)
        }
    }

    @Test func `a wildcard's subdomains have its certificate and the zone's settings`() async throws {
        try await EdgeWorld.run { (world) async throws in
            let strict: APIValue = ["min_tls_version": "1.3"]
            try await world.deploy("shop.tenant.dev", Provider.ssl(strict, with: ["wildcard": true, "method": "txt"]))
            var client = world.client("shop.tenant.dev")
            let direct = try await client.request()
            #expect(try ServedLeaf(direct).names == ["shop.tenant.dev", "*.shop.tenant.dev"])
            client.restrict(to: .tls12, "AES128-SHA")
            #expect(try await client.request().isRefused(by: "PROTOCOL_VERSION"))
            client.name = "a.shop.tenant.dev"
            #expect(try await client.request().status == 200, "its own minimum does not reach here")
            client.name = "a.b.shop.tenant.dev"
            #expect(try await client.request().isUnrecognized, "one label only")
            try await world.deploy("a.shop.tenant.dev", Provider.ssl(strict))
            client.name = "a.shop.tenant.dev"
            #expect(try await client.request().isRefused(by: "PROTOCOL_VERSION"), "the direct name comes first")
        }
    }

    @Test func `a hello in single bytes is understood, and what is none is hung up on`() async throws {
        try await EdgeWorld.run { (world) async throws in
            try await world.deploy("shop.tenant.dev")
            var client = world.client("shop.tenant.dev")
            client.sendsSingleBytes = true
            #expect(try await client.request().status == 200)
            for bytes in ["GET / HTTP/1.1\r\n\r\n", "\u{16}\u{2}\u{0}", "\u{16}\u{3}\u{1}\u{0}\u{0}"] {
                #expect(try await world.answer(toBytes: Array(bytes.utf8)) == [], "\(bytes)")
            }
            var random = SeededRandom(seed: 11)
            for _ in 0..<200 {
                let body = (0..<Int.random(in: 4...80, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                let hello = [1, 0, 0, UInt8(body.count)] + body
                let answer = try await world.answer(toBytes: [22, 3, 1, 0, UInt8(hello.count)] + hello)
                #expect(answer.isEmpty || answer.first == 21, "closed or an alert, seed 11")
            }
            #expect(try await client.request().status == 200)
        }
    }
}

extension EdgeWorld {
    /// All that the edge says to these bytes until it closes the connection.
    func answer(toBytes bytes: [UInt8]) async throws -> [UInt8] {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: bytes))
            var answer: [UInt8] = []
            for try await part in inbound { answer += Array(part.readableBytesView) }
            return answer
        }
    }
}

extension EdgeClient.Outcome {
    /// The alert of RFC 6066 for a name that is not served.
    var isUnrecognized: Bool { isRefused(by: "UNRECOGNIZED_NAME") }

    /// True if the handshake was ended by this alert.
    func isRefused(by alert: String) -> Bool {
        guard case .refused(let reason) = self else { return false }
        return reason.contains(alert)
    }
}
