import Foundation
import Onboarding
import Simulator
import TLSPolicy
import TestSupport
import Testing
import usher

/// Proof and evidence as people and programs meet them: workers, `usher hostname verify`, `usher evidence export`.
@Suite(.database)
struct EvidenceCommandTests {
    private let name = "shop.acme-usher.com"

    @Test func `what a worker has proved is shown, verified again and exported`() async throws {
        try await WorkerWorld.with(proves: true) { world in
            try await world.prepare()
            try await world.enqueue(name)
            try await world.workers.start(1)
            #expect(try await eventually { try await world.enforced() == 1 })
            let good = try await usher(world, "hostname", "verify", name, "--json")
            #expect(good.status == 0, "\(good.errors) \(good.output)")
            let document = try good.document(as: Verification.self)
            #expect(document.result == "proved" && document.connections == 10 && document.policy == "gold@1")
            let shown = try await usher(world, "hostname", "get", name)
            #expect(shown.output.contains(#/PolicyVerified +True +Handshakes +gold@1, seen \d+s ago at 127.0.0.1/#))

            var weaker = HostnameSettings()
            weaker.minimumTLS = "1.0"
            weaker.ciphers = (TLSProfile.modern1.ciphers?.map(\.name) ?? []) + ["AES128-SHA"]
            #expect(world.simulator.edit(name, weaker))
            #expect(try await eventually { try await usher(world, "hostname", "verify", name).status == 1 })
            let bad = try await usher(world, "hostname", "verify", name)
            #expect(bad.output.contains("wanted TLS 1.1 refused, seen accepted"), "\(bad.output)")
            let csv = try await usher(world, "evidence", "export")
            #expect(csv.output.split(separator: "\r\n").count == 2, "\(csv.output)")
            // The drift may have been noticed by now, and its repair be queued.
            let row = try Regex("\(name),acme,gold,(enforced|queued),gold@1,mismatch,")
            #expect(csv.output.contains(row), "\(csv.output)")
            let json = try await usher(world, "evidence", "export", "--format", "json", "--tenant", "acme")
            let entries = try json.document(as: [Entry].self)
            #expect(entries.map(\.wantedVersions) == [["1.2"]], "nobody has promised TLS 1.3")
            #expect(entries.first?.seenVersions.contains("1.0") == true)
            #expect(entries.first?.certificates.isEmpty == false && entries.first?.lastVerified != nil)
        }
    }

    @Test func `an edge inside a private network is not asked without leave`() async throws {
        try await WorkerWorld.with { world in
            try await world.prepare()
            try await world.enqueue(name)
            try await world.workers.start(1)
            #expect(try await eventually { try await world.enforced() == 1 })
            let environment = ["USHER_DATABASE_URL": TestDatabase.current.url]
            let arguments = ["hostname", "verify", name, "--edge", world.edge]
            let refused = try await UsherProcess.run(arguments, environment: environment)
            #expect(refused.status == 1)
            #expect(refused.output.contains("not an address of the public internet"), "\(refused.output)")
            let allowed = try await UsherProcess.run(arguments + ["--allow-private"], environment: environment)
            #expect(allowed.status == 0, "\(allowed.output)")
        }
    }

    @Test func `an export goes on over pages, and tells hostnames nobody has looked at`() async throws {
        try await CommandFixture.with { fixture in
            let rows = "tenant,hostname,tier\n" + (0..<2_345).map { "acme,h\($0).acme-usher.com,pro\n" }.joined()
            let queued = try await fixture.usher("enqueue", try fixture.folder.file("rows.csv", rows))
            #expect(queued.status == 0, "\(queued.errors)")
            let csv = try await fixture.usher("evidence", "export")
            #expect(csv.output.split(separator: "\r\n").count == 2_346)
            #expect(csv.output.contains("h2344.acme-usher.com,acme,pro,queued,,,,,"))
            let json = try await fixture.usher("evidence", "export", "--format", "json")
            #expect(try json.document(as: [Entry].self).count == 2_345)
            let none = try await fixture.usher("evidence", "export", "--format", "json", "--tenant", "other")
            #expect(try none.document(as: [Entry].self).isEmpty)
        }
    }

    @Test func `a wrong edge in the settings is refused by its name`() async throws {
        for (name, value) in [
            ("USHER_EDGE_ADDRESS", "::1"), ("USHER_EDGE_PROOF", "off"), ("USHER_EDGE_PRIVATE_ADDRESSES", "yes"),
        ] {
            let run = try await UsherProcess.run(["hostname", "list"], environment: [name: value])
            #expect(run.status == 78 && run.errors.contains("\(name) is \"\(value)\""), "\(run.errors)")
        }
    }

    @Test func `fields that a spreadsheet would take for formulas are defused`() {
        for start in ["=", "+", "-", "@", "\t", "\r", "＝", "＠"] {
            let field = EvidenceCSV.field("\(start)cmd|' /C calc'!A0")
            #expect(field.drop { $0 == "\"" }.hasPrefix("'"), "\(field)")
        }
        #expect(EvidenceCSV.field("CN=Acme, Inc.,O=\"A\"") == "\"CN=Acme, Inc.,O=\"\"A\"\"\"")
        #expect(EvidenceCSV.field("shop.acme.com") == "shop.acme.com")
        #expect(EvidenceCSV.field("a\r\n=b") == "\"a\r\n=b\"")
    }

    private func usher(_ world: WorkerWorld, _ arguments: String...) async throws -> UsherProcess {
        try await UsherProcess.run(
            arguments,
            environment: [
                "USHER_DATABASE_URL": TestDatabase.current.url,
                "USHER_EDGE_ADDRESS": world.edge,
                "USHER_EDGE_PRIVATE_ADDRESSES": "allow",
            ]
        )
    }

    private struct Verification: Decodable {
        let result: String
        let policy: String
        let connections: Int
    }

    private struct Entry: Decodable {
        let hostname: String
        let wantedVersions: [String]
        let seenVersions: [String]
        let certificates: [Certificate]
        let lastVerified: String?

        struct Certificate: Decodable {
            let fingerprint: String
        }
    }
}
