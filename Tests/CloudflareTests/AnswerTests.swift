import Cloudflare
import Foundation
import TLSPolicy
import Testing

struct AnswerTests {
    @Test func `an active hostname is read whole`() throws {
        let hostname = try decode(CustomHostname.self, Fixtures.active)
        #expect(hostname.id == hostnameID)
        #expect(hostname.isReady)
        #expect(hostname.createdAt == Date(timeIntervalSince1970: 1_770_401_483))
        #expect(hostname.verificationErrors.isEmpty)
        let ssl = try #require(hostname.ssl)
        #expect(ssl.method == .known(.txt))
        #expect(ssl.type == .known(.domainValidated))
        #expect(ssl.wildcard)
        #expect(ssl.hosts == ["app.tenant.dev", "*.app.tenant.dev"])
        #expect(ssl.certificateAuthority == "lets_encrypt")
        #expect(ssl.serialNumber == "6743787633689")
        #expect(ssl.expiresOn == Date(timeIntervalSince1970: 1_778_091_083))
        #expect(!ssl.hasCustomCertificate)
        #expect(ssl.certificates.map(\.serialNumber) == ["1", "2"])
        #expect(ssl.certificates.first?.fingerprintSHA256 == "ab")
    }

    @Test func `settings keep every key that is set, known or not`() throws {
        let settings = try #require(try decode(CustomHostname.self, Fixtures.active).ssl).settings
        #expect(settings.minimumTLS == .known(.v1_2))
        #expect(settings.ciphers == ["ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA"])
        #expect(settings.tls13 == .known(.on))
        #expect(settings.earlyHints == .known(.off))
        #expect(settings.http2 == nil)
        #expect(
            settings.foreign == [
                "http3": .string("on"),
                "limits": .object(["a": .array([.integer(1), .number(2.5), .null])]),
            ]
        )
    }

    @Test func `an empty text is absent in dates, lists of words and texts`() throws {
        let hostname = try decode(
            CustomHostname.self,
            """
            {"id": "i", "hostname": "h", "status": "", "created_at": "", "ownership_verification": "",
             "ssl": {"status": "", "method": "", "settings": "", "expires_on": "", "issuer": "", "hosts": "",
                     "custom_certificate": "", "validation_records": "", "wildcard": null, "certificates": {}}}
            """
        )
        var expected = CustomHostname(id: "i", hostname: "h", ssl: CustomHostname.SSL())
        expected.ssl?.type = nil
        #expect(hostname == expected)
        #expect(!hostname.isReady)
    }

    @Test func `an unknown status is kept as it came and never counts as ready`() throws {
        let hostname = try decode(
            CustomHostname.self,
            #"{"id": "i", "hostname": "h", "status": "active_new", "ssl": {"status": "active", "method": "dns-01"}}"#
        )
        #expect(hostname.status == .unknown("active_new"))
        #expect(hostname.ssl?.method?.text == "dns-01")
        #expect(hostname.ssl?.status == .known(.active))
        #expect(!hostname.isReady)
    }

    @Test(arguments: [
        ("active", "active", true), ("active_redeploying", "active", true), ("pending", "active", false),
        ("active", "pending_deployment", false), ("moved", "active", false),
    ])
    func `a hostname is ready when name and certificate are active`(_ row: (String, String, Bool)) throws {
        let hostname = try decode(
            CustomHostname.self,
            #"{"id": "i", "hostname": "h", "status": "\#(row.0)", "ssl": {"status": "\#(row.1)"}}"#
        )
        #expect(hostname.isReady == row.2)
    }

    @Test func `validation records and errors are read in the forms they come in`() throws {
        let ssl = try #require(try decode(CustomHostname.self, Fixtures.pendingValidation).ssl)
        #expect(ssl.validationRecords.map(\.txtName) == ["_acme-challenge.app.tenant.dev", nil])
        #expect(ssl.validationRecords.map(\.httpBody) == [nil, "x.y"])
        #expect(ssl.validationErrors == ["SERVFAIL looking up CAA for app.tenant.dev"])
        let stored = try JSONEncoder().encode(ssl.validationRecords)
        #expect(try JSONDecoder().decode([CustomHostname.ValidationRecord].self, from: stored) == ssl.validationRecords)
    }

    @Test func `an uploaded certificate shows by its text or its signing request`() throws {
        for field in [#""custom_certificate": "-----BEGIN""#, #""custom_csr_id": "7b16""#] {
            let hostname = try decode(CustomHostname.self, #"{"id": "i", "hostname": "h", "ssl": {\#(field)}}"#)
            #expect(hostname.ssl?.hasCustomCertificate == true)
        }
    }

    @Test func `a hostname without its identifier is no hostname`() {
        #expect(throws: DecodingError.self) { try decode(CustomHostname.self, #"{"hostname": "h"}"#) }
    }

    @Test(arguments: HostnameStatus.allCases)
    func `each documented hostname status is known`(_ status: HostnameStatus) {
        #expect(Reported<HostnameStatus>(status.rawValue) == .known(status))
    }

    @Test func `the lists of statuses are as long as documented`() {
        #expect(HostnameStatus.allCases.count == 16)
        #expect(SSLStatus.allCases.count == 21)
    }
}
