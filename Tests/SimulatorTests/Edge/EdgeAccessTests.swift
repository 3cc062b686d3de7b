import Simulator
import Testing

/// Client certificates at the edge, as Access was told to demand them.
@Suite(.timeLimit(.minutes(2))) struct EdgeAccessTests {
    private static let certificates = "/client/v4/zones/\(SimulatorConfiguration.demoZone)/access/certificates"
    private static let applications = "/client/v4/zones/\(SimulatorConfiguration.demoZone)/access/apps"

    private let tenant: CertificateAuthority
    private let stranger: CertificateAuthority

    init() throws {
        tenant = try CertificateAuthority(name: "Tenant Root", start: .realNow)
        stranger = try CertificateAuthority(name: "Stranger Root", start: .realNow)
    }

    private func identity(
        _ authority: CertificateAuthority,
        _ name: String = "till-1",
        days: Double = 1
    ) throws -> (chainPEM: String, keyPEM: String) {
        let now = VirtualInstant.realNow
        return try authority.issue(
            names: [name],
            key: .p256,
            notBefore: now.adding(seconds: -2 * 86_400),
            notAfter: now.adding(seconds: days * 86_400)
        )
    }

    /// Brings the tenant's authority to a hostname; returns the path of the certificate.
    private func trust(_ world: EdgeWorld, _ hostname: String) async throws -> String {
        let body: APIValue = [
            "name": "tenant", "certificate": .string(try tenant.rootPEM),
            "associated_hostnames": [.string(hostname)],
        ]
        let answer = try await world.caller.call("POST", Self.certificates, body)
        #expect(answer.status == 201, "\(answer.text)")
        return Self.certificates + "/" + (answer.json["result"]?["id"]?.string ?? "")
    }

    private func protect(_ world: EdgeWorld, _ hostname: String, _ include: APIValue) async throws {
        let body: APIValue = [
            "type": "self_hosted", "domain": .string(hostname),
            "policies": [["name": "machines", "decision": "non_identity", "include": [include]]],
        ]
        let answer = try await world.caller.call("POST", Self.applications, body)
        #expect(answer.status == 201, "\(answer.text)")
    }

    /// One offer for each library and each version of TLS that can be told apart.
    private static let offers: [(TLSChoice, String?)] = [(.tls13, nil), (.tls12, "AES128-SHA"), (.tls10, "AES128-SHA")]

    @Test func `only who holds a certificate of the tenant's authority gets in`() async throws {
        try await EdgeWorld.run { (world) async throws in
            try await world.deploy("shop.tenant.dev")
            _ = try await trust(world, "shop.tenant.dev")
            var client = world.client("shop.tenant.dev")
            #expect(try await client.request().status == 200, "no application, no demand")
            try await protect(world, "shop.tenant.dev", ["certificate": [:]])
            for (version, suite) in Self.offers {
                client.restrict(to: version, suite)
                client.identity = nil
                #expect(try await client.request().status == 403, "none, \(version)")
                client.identity = try identity(stranger)
                #expect(try await client.request().status == 403, "a stranger's, \(version)")
                client.identity = try identity(tenant, days: -1)
                #expect(try await client.request().status == 403, "an old one, \(version)")
                client.identity = try identity(tenant)
                #expect(try await client.request().status == 200, "the right one, \(version)")
            }
            try await world.deploy("other.tenant.dev")
            client.name = "other.tenant.dev"
            client.identity = nil
            #expect(try await client.request().status == 200, "nobody protects the neighbour")
        }
    }

    @Test(arguments: [
        "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384", "AES128-SHA256", "AES256-SHA256",
    ])
    func `the suites that BoringSSL lacks make no difference`(_ suite: String) async throws {
        try await EdgeWorld.run { (world) async throws in
            let id = try await world.deploy("shop.tenant.dev")
            _ = try await trust(world, "shop.tenant.dev")
            var client = OpenSSLClient(port: world.port, name: "shop.tenant.dev", suite: suite)
            #expect(try await client.status() == 200, "no application, no demand")
            try await protect(world, "shop.tenant.dev", ["certificate": [:]])
            #expect(try await client.status() == 403, "none")
            client.identity = try identity(stranger)
            #expect(try await client.status() == 403, "a stranger's")
            client.identity = try identity(tenant)
            #expect(try await client.status() == 200, "the right one")
            try await world.edit(id, Provider.ssl(["ciphers": ["ECDHE-RSA-AES128-GCM-SHA256"]]))
            world.server.clock.step(seconds: 20)
            #expect(try await client.status() == nil, "not in the list")
        }
    }

    @Test func `a common name narrows the authority down`() async throws {
        try await EdgeWorld.run { (world) async throws in
            try await world.deploy("shop.tenant.dev")
            _ = try await trust(world, "shop.tenant.dev")
            try await protect(world, "shop.tenant.dev", ["common_name": ["common_name": "till-1"]])
            var client = world.client("shop.tenant.dev")
            client.identity = try identity(tenant, "till-1")
            #expect(try await client.request().status == 200)
            client.identity = try identity(tenant, "till-2")
            #expect(try await client.request().status == 403)
        }
    }

    @Test func `a connection that stands is judged anew with each request`() async throws {
        try await EdgeWorld.run { (world) async throws in
            try await world.deploy("shop.tenant.dev")
            let path = try await trust(world, "shop.tenant.dev")
            try await protect(world, "shop.tenant.dev", ["certificate": [:]])
            var client = world.client("shop.tenant.dev")
            client.identity = try identity(tenant)
            let connection = try await client.connect()
            #expect(try await connection.exchange().hasPrefix("HTTP/1.1 200"))
            _ = try await world.caller.call("PUT", path, ["associated_hostnames": []])
            #expect(try await connection.exchange().hasPrefix("HTTP/1.1 200"), "not everybody has heard")
            world.server.clock.step(seconds: 10)
            #expect(try await connection.exchange().hasPrefix("HTTP/1.1 403"))
            try await connection.close()
        }
    }
}
