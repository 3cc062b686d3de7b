import Cloudflare
import Foundation
import TLSPolicy
import Testing

/// What goes over the wire; bodies are taken from there, since only the client's own encoder writes keys.
struct RequestTests {
    private let certificate = CustomCertificate(chain: "CHAIN", key: Secret(canaryKey), bundleMethod: .force)

    private func sent(_ creation: HostnameCreation) async throws -> JSONValue {
        try await withClient(.answer(status: 201, body: Fixtures.created)) { client, stub in
            _ = try await client.createHostname(creation)
            return try jsonBody(#require(stub.requests.first))
        }
    }

    private func sent(_ edit: HostnameEdit) async throws -> JSONValue {
        try await withClient(.answer(status: 202, body: Fixtures.created)) { client, stub in
            _ = try await client.editHostname(id: hostnameID, edit)
            return try jsonBody(#require(stub.requests.first))
        }
    }

    @Test func `a creation carries the final settings in the provider's spelling`() async throws {
        let settings = SSLSettings(
            minimumTLS: .v1_2,
            ciphers: ["AES128-SHA"],
            tls13: .on,
            http2: .off,
            earlyHints: .on
        )
        let creation = HostnameCreation(hostname: "app.tenant.dev", method: .txt, wildcard: true, settings: settings)
        let expected = """
            {"hostname": "app.tenant.dev", "ssl": {"method": "txt", "type": "dv", "wildcard": true, "settings": {
              "min_tls_version": "1.2", "ciphers": ["AES128-SHA"], "tls_1_3": "on", "http2": "off", "early_hints": "on"
            }}}
            """
        #expect(try await sent(creation) == decode(JSONValue.self, expected))
    }

    @Test func `what is not asked for is left out`() async throws {
        let creation = HostnameCreation(hostname: "app.tenant.dev", method: .http, settings: SSLSettings())
        let expected = #"{"hostname": "app.tenant.dev", "ssl": {"method": "http", "type": "dv", "settings": {}}}"#
        #expect(try await sent(creation) == decode(JSONValue.self, expected))
    }

    @Test func `certificate and key travel together`() async throws {
        let creation = HostnameCreation(
            hostname: "app.tenant.dev",
            method: .http,
            settings: SSLSettings(),
            certificates: [certificate]
        )
        let ssl = try await sent(creation)["ssl"]
        #expect(ssl?["custom_certificate"] == .string("CHAIN"))
        #expect(ssl?["custom_key"] == .string(canaryKey))
        #expect(ssl?["bundle_method"] == .string("force"))
    }

    @Test func `a name above 64 characters asks for a second common name, unless it brings a certificate`() async throws
    {
        let label = String(repeating: "a", count: 53)
        func branding(_ host: String, _ certificates: [CustomCertificate]) async throws -> JSONValue? {
            try await sent(
                HostnameCreation(hostname: host, method: .http, settings: SSLSettings(), certificates: certificates)
            )["ssl"]?["cloudflare_branding"]
        }
        #expect(try await branding("\(label).tenant.dev", []) == nil)
        #expect(try await branding("a\(label).tenant.dev", []) == .bool(true))
        #expect(try await branding("a\(label).tenant.dev", [certificate]) == nil)
    }

    @Test func `two certificates travel as a bundle, each with its key`() async throws {
        let other = CustomCertificate(chain: "OTHER", key: Secret("OTHER KEY"), bundleMethod: .force)
        let creation = HostnameCreation(
            hostname: "a.tenant.dev",
            method: .http,
            settings: SSLSettings(),
            certificates: [certificate, other]
        )
        let ssl = try await sent(creation)["ssl"]
        #expect(ssl?["custom_certificate"] == nil && ssl?["custom_key"] == nil)
        #expect(ssl?["bundle_method"] == .string("force"))
        #expect(
            ssl?["custom_cert_bundle"]
                == .array([
                    .object(["custom_certificate": .string("CHAIN"), "custom_key": .string(canaryKey)]),
                    .object(["custom_certificate": .string("OTHER"), "custom_key": .string("OTHER KEY")]),
                ])
        )
    }

    @Test func `an edit sends type, method and the whole settings as read, and never the authority`() async throws {
        let observed = try #require(try decode(CustomHostname.self, Fixtures.active).ssl)
        var settings = observed.settings
        settings.minimumTLS = .known(.v1_3)
        settings.ciphers = nil
        let edit = try HostnameEdit(observed: observed, settings: settings, certificate: .managed)
        let expected = """
            {"ssl": {"method": "txt", "type": "dv", "settings": {
              "min_tls_version": "1.3", "tls_1_3": "on", "early_hints": "off", "http3": "on",
              "limits": {"a": [1, 2.5, null]}
            }}}
            """
        #expect(try await sent(edit) == decode(JSONValue.self, expected))
    }

    @Test func `an authority is named where it is chosen, in a creation and in an edit that changes it`() async throws {
        let creation = HostnameCreation(
            hostname: "app.tenant.dev",
            method: .http,
            settings: SSLSettings(),
            authority: .letsEncrypt
        )
        #expect(try await sent(creation)["ssl"]?["certificate_authority"] == .string("lets_encrypt"))
        let observed = try #require(try decode(CustomHostname.self, Fixtures.active).ssl)
        #expect(observed.certificateAuthority != nil, "what was read is there to be echoed")
        func sentAuthority(_ authority: IssuingAuthority?) async throws -> JSONValue? {
            try await sent(
                HostnameEdit(
                    observed: observed,
                    settings: observed.settings,
                    certificate: .managed,
                    authority: authority
                )
            )["ssl"]?["certificate_authority"]
        }
        #expect(try await sentAuthority(nil) == nil)
        #expect(try await sentAuthority(.sslCom) == .string("ssl_com"))
    }

    @Test func `a method this program does not know is sent back as it came`() async throws {
        var observed = CustomHostname.SSL(method: .http)
        observed.method = .unknown("dns-01")
        let edit = try HostnameEdit(observed: observed, settings: observed.settings, certificate: .managed)
        #expect(try await sent(edit)["ssl"]?["method"] == .string("dns-01"))
    }

    @Test func `an edit cannot silently drop the tenant's certificate`() async throws {
        var observed = CustomHostname.SSL(method: .http)
        observed.hasCustomCertificate = true
        #expect(throws: HostnameEditRefusal.wouldDropCustomCertificate) {
            try HostnameEdit(observed: observed, settings: observed.settings, certificate: .managed)
        }
        let moved = try HostnameEdit(observed: observed, settings: observed.settings, certificate: .migrateToManaged)
        #expect(try await sent(moved)["ssl"]?["custom_certificate"] == nil)
        let kept = try HostnameEdit(
            observed: observed,
            settings: observed.settings,
            certificate: .custom([certificate])
        )
        #expect(try await sent(kept)["ssl"]?["custom_key"] == .string(canaryKey))
    }

    @Test func `an edit without a known method is refused, except that an upload has the provider's own`() async throws
    {
        var observed = CustomHostname.SSL()
        observed.type = nil
        #expect(throws: HostnameEditRefusal.validationMethodUnknown) {
            try HostnameEdit(observed: observed, settings: observed.settings, certificate: .managed)
        }
        let upload = try HostnameEdit(
            observed: observed,
            settings: observed.settings,
            certificate: .custom([certificate])
        )
        let ssl = try await sent(upload)["ssl"]
        #expect(ssl?["method"] == .string("http"))
        #expect(ssl?["type"] == .string("dv"))
    }
}
