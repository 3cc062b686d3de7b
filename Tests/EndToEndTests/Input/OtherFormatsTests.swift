import Foundation
import TLSPolicy
import Testing
import usher

@Suite struct OtherFormatsTests {
    private func yaml(_ text: String) -> BatchFile {
        BatchFile.parse(Array(text.utf8), format: .yaml, file: "a.yaml")
    }

    private func json(_ text: String) -> BatchFile {
        BatchFile.parse(Array(text.utf8), format: .jsonl, file: "a.jsonl")
    }

    private static let wish = HostnameWish(
        wildcard: true,
        minimumTLS: .v1_2,
        ciphers: ["ECDHE-RSA-AES128-GCM-SHA256"],
        customCertificate: true
    )

    @Test(arguments: ["", "apiVersion: usher/v1\nonboarding:\n"])
    func `a YAML list is read, alone or under onboarding`(head: String) throws {
        let batch = yaml(
            head + """
                - tenant: acme
                  tier: pro
                  hostname: Shop.acme-usher.com
                  wildcard: yes
                  min_tls: 1.2
                  ciphers: [ECDHE-RSA-AES128-GCM-SHA256]
                  certificate: custom
                  priority: 7
                  expect: waiting_tenant
                - {tenant: acme, tier: pro, hostname: b-usher.com, priority: null}
                """
        )
        #expect(batch.problems.isEmpty, "\(batch.problems)")
        let row = try #require(batch.rows.first)
        #expect(row.wish == Self.wish && row.priority == 7 && row.expectation == .waitingTenant)
        #expect(batch.rows.map(\.line) == (head.isEmpty ? [1, 10] : [3, 12]))
    }

    @Test(arguments: [
        ("- {tenant: acme, tier: pro, hostname: a_b.com}", "1:39: hostname \"a_b.com\": "),
        ("- {tenant: acme, tier: pro, hostname: a-usher.com, wildcard: \"yes\"}", "1:62: wildcard \"yes\": must be "),
        ("- {tenant: acme, tier: pro, hostname: a-usher.com, ciphers: A B}", "1:61: ciphers \"A B\": must be a list"),
        ("- {tenant: acme, tier: pro, hostname: a-usher.com, tls: 1}", "1:52: tls: unknown key; "),
        ("- {tenant: acme, tier: pro}", "1:3: hostname: missing"),
        ("- acme", "1:3: \"acme\": must be a mapping with the keys tenant, tier, "),
        ("- {tenant: &t acme, tier: pro, hostname: a-usher.com}", "1:12: anchors and aliases are not accepted"),
        ("- {tenant: acme, tenant: b, tier: pro, hostname: a-usher.com}", "1:4: given twice: tenant"),
        ("- {tenant: acme\n", "2:1: not YAML: "),
        ("hostnames: []", "1:1: hostnames: unknown key; "),
        ("onboarding: 3", "1:13: onboarding \"3\": must be a list"),
        ("- a\n---\n- b\n", "2:1: not YAML: "),
    ])
    func `a YAML problem has line and column`(text: String, problem: String) {
        let problems = yaml(text).problems
        #expect(problems.first.first?.description.hasPrefix("a.yaml:\(problem)") == true, "\(problems)")
    }

    @Test func `an empty YAML file is a problem, an empty list is not`() {
        #expect(yaml("").problems.description == "a.yaml: empty file")
        #expect(yaml("onboarding: []").problems.isEmpty)
    }

    @Test func `a few lines of aliases do not fill the memory`() {
        let levels = (1...9).map { level in
            "- &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ","))]"
        }
        let batch = yaml((["- &a0 [x]"] + levels).joined(separator: "\n"))
        #expect(batch.problems.description == "a.yaml:1:3: anchors and aliases are not accepted")
    }

    @Test func `JSON Lines are read`() throws {
        let batch = json(
            "\u{FEFF}"
                + #"{"tenant":"acme","tier":"pro","hostname":"Shop.acme-usher.com","wildcard":true,"min_tls":"1.2","#
                + #""ciphers":["ECDHE-RSA-AES128-GCM-SHA256"],"certificate":"custom","priority":7,"expect":null}"#
                + "\r\n\n"
                + #"{"tenant":"acme","tier":"pro","hostname":"\u0062-usher.com"}"#
        )
        #expect(batch.problems.isEmpty, "\(batch.problems)")
        #expect(batch.rows.first?.wish == Self.wish)
        #expect(batch.rows.map { "\($0.line) \($0.hostname)" } == ["1 shop.acme-usher.com", "3 b-usher.com"])
    }

    @Test(arguments: [
        (
            #"{"tenant":"acme","tier":"pro","hostname":"a-usher.com","wildcard":"yes"}"#,
            #"1:67: wildcard "yes": must be "#
        ),
        (#"{"tenant":"acme","tier":"pro","hostname":"a-usher.com","min_tls":1.2}"#, #"1:66: min_tls "1.2": must be "#),
        (#"{"tenant":"acme","tier":"pro","hostname":"a-usher.com","priority":"1"}"#, #"1:67: priority "1": must be "#),
        (#"{"tenant":"acme","tier":"pro","hostname":"a-usher.com","tier":"pro"}"#, "1:56: tier: given twice"),
        (#"{"tenant":5,"tier":"pro","hostname":"a-usher.com"}"#, #"1:11: tenant "5": must be text"#),
        (#"["acme"]"#, #"1:1: "[acme]": must be a mapping with the keys"#),
        (#"{"tenant":"acme",}"#, "1:18: not JSON: expected a key in double quotes"),
        (#"{"tenant":"acme"} x"#, "1:19: not JSON: text after the value"),
        (#"{"tenant":"acme"#, "1:16: not JSON: string never closed"),
        (#"{"tenant":"\ud800"}"#, "1:18: not JSON: half of a surrogate pair"),
        (#"{"tenant":"\ud800\u0041"}"#, "1:24: not JSON: half of a surrogate pair"),
        (#"{"tenant":01}"#, "1:13: not JSON: not a JSON number"),
    ])
    func `a JSON problem has line and column`(text: String, problem: String) {
        let problems = json(text).problems
        #expect(problems.first.first?.description.hasPrefix("a.jsonl:\(problem)") == true, "\(problems)")
    }

    @Test func `a broken line of JSON costs that line only`() {
        let good = #"{"tenant":"acme","tier":"pro","hostname":"a-usher.com"}"#
        let batch = json("\(good)\n{broken\n\(good)\n")
        #expect(batch.rows.map(\.line) == [1, 3])
        #expect(batch.problems.count == 1)
    }

    @Test func `a file that cannot be read is one problem`() {
        #expect(BatchFile.read("/nowhere/a.csv").problems.description == "/nowhere/a.csv: no such file")
        #expect(
            BatchFile.read("/nowhere/a.txt").problems.description.hasPrefix("/nowhere/a.txt: unknown kind of file; ")
        )
        #expect(BatchFile.read("/", format: .csv).problems.count == 1)
        #expect(TierFile.read("/nowhere/t.yaml").problems.description == "/nowhere/t.yaml: no such file")
    }
}
