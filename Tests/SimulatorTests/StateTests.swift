import Foundation
import Logging
import Simulator
import TestSupport
import Testing

/// A simulator's state outlives it.
@Suite struct StateTests {
    private func used() throws -> Provider {
        let authority = try CertificateAuthority(start: Provider.start)
        let end = Provider.start.adding(seconds: 90 * 86_400)
        let pair = try authority.issue(names: ["own.tenant.dev"], key: .p256, notBefore: Provider.start, notAfter: end)
        var provider = Provider { $0.limits = RateLimits.Configuration() }
        _ = provider.create("a.tenant.dev", Provider.ssl(["min_tls_version": "1.2", "ciphers": ["AES128-SHA"]]))
        let upload: [String: APIValue] = [
            "custom_certificate": .string(pair.chainPEM), "custom_key": .string(pair.keyPEM),
        ]
        _ = provider.create("own.tenant.dev", Provider.ssl(with: upload))
        _ = provider.call("PATCH", Provider.settings + "/min_tls_version", ["value": "1.2"])
        provider.wait(20)
        return provider
    }

    @Test func `a saved state goes on where it stopped`() throws {
        var first = try used()
        let saved = SavedState(first.simulation, now: first.now)
        let read = try SavedState(reading: try saved.data)
        #expect(read.now == first.now)
        var second = Provider { $0.limits = RateLimits.Configuration() }
        try second.simulation.resume(read)
        second.now = read.now
        for _ in 0..<2 {
            let (left, right) = (first.list(), second.list())
            #expect(left.json == right.json)
            #expect(left.header("Ratelimit") == right.header("Ratelimit"))
            first.wait(40)
            second.wait(40)
        }
        #expect(first.create("b.tenant.dev").json == second.create("b.tenant.dev").json, "even the ids to come")
        #expect(second.zone.settings.minimumTLS == "1.2")
        #expect(second.simulation.log.total == first.simulation.log.total)
        let key = second.zone.hostnames[name: "own.tenant.dev"]?.certificate?.inForce?.uploads.first?.key
        #expect(key?.unredactedText.hasPrefix("-----BEGIN") == true)
    }

    @Test func `what is not a state of this zone is refused`() throws {
        #expect(throws: SavedState.Unusable.self) { try SavedState(reading: Data("{}".utf8)) }
        let saved = SavedState(try used().simulation, now: Provider.start)
        var other = Provider { $0.zone = "00000000000000000000000000000000" }
        #expect(throws: SavedState.Unusable.self) { try other.simulation.resume(saved) }
    }

    @Test func `the file is for its owner only and holds no token`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "state-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try SavedState(try used().simulation, now: Provider.start).write(to: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains("own.tenant.dev"))
        #expect(!text.contains(SimulatorConfiguration.demoToken))
    }
}
