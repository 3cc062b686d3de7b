import Logging
import Simulator
import TestSupport
import Testing

/// The provider's own client in another language cannot tell the simulator from the real thing.
@Suite(.timeLimit(.minutes(5))) struct OfficialClientTests {
    private static let reader = "reading-token-opens-nothing-either-0"

    @Test func `the provider's Python client finds every answer valid`() async throws {
        var configuration = SimulatorConfiguration()
        configuration.limits.certificates = nil
        configuration.semantics.absentText = .omitted
        configuration.tokens.append(SimulatedToken(id: "reader", secret: Self.reader, scopes: [.certificatesRead]))
        let clock = VirtualClock(pace: .stepped, startingAt: Provider.start)
        let server = SimulatorServer(configuration, clock: clock, logger: .quiet)
        let running = Task { try await server.run() }
        let url = try await server.baseURL
        let run = try await PythonScript("official_client.py").run(
            environment: [
                "URL": url,
                "CONTROL": url.replacing("/client/v4", with: ""),
                "ZONE": SimulatorConfiguration.demoZone,
                "ACCOUNT": SimulatorConfiguration.demoAccount,
                "TOKEN": SimulatorConfiguration.demoToken,
                "READER": Self.reader,
            ],
            input: try Self.pairs().text
        )
        running.cancel()
        _ = await running.result
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.split(separator: "\n").count == 10, "\(run.output)")
    }

    /// Three certificates with their keys, as the script wants them.
    private static func pairs() throws -> APIValue {
        let authority = try CertificateAuthority(start: Provider.start)
        func pair(_ type: CertificateAuthority.KeyType) throws -> APIValue {
            let end = Provider.start.adding(seconds: 90 * 86_400)
            let made = try authority.issue(
                names: ["bundle.tenant.dev"],
                key: type,
                notBefore: Provider.start,
                notAfter: end
            )
            return [.string(made.chainPEM), .string(made.keyPEM)]
        }
        return ["elliptic": try pair(.p256), "rsa": try pair(.rsa2048), "newer": try pair(.p256)]
    }
}
