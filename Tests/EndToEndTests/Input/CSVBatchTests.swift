import TLSPolicy
import Testing
import usher

@Suite struct CSVBatchTests {
    private func parse(_ text: String) -> BatchFile {
        BatchFile.parse(Array(text.utf8), format: .csv, file: "a.csv")
    }

    @Test func `every column is read`() throws {
        let batch = parse(
            """
            tenant,tier,hostname,wildcard,min_tls,ciphers,certificate,priority,expect
            acme,pro,Shop.Acme-Usher.com,yes,1.2,AES128-GCM-SHA256|AES256-GCM-SHA384,custom,7,refused:UE001
            """
        )
        #expect(batch.problems.isEmpty, "\(batch.problems)")
        let row = try #require(batch.rows.first)
        #expect(row.tenant == "acme" && row.tier == "pro" && row.priority == 7 && row.line == 2)
        #expect("\(row.hostname)" == "shop.acme-usher.com")
        #expect(row.expectation == .refused(code: "UE001"))
        let ciphers = ["AES128-GCM-SHA256", "AES256-GCM-SHA384"]
        #expect(row.wish == HostnameWish(wildcard: true, minimumTLS: .v1_2, ciphers: ciphers, customCertificate: true))
    }

    @Test func `what is not said is left to the tier`() throws {
        let row = try #require(parse("hostname,tier,tenant\na-usher.com,free,acme\n").rows.first)
        #expect(row.wish == HostnameWish())
        #expect(row.priority == 0 && row.expectation == nil)
    }

    @Test(arguments: [
        "\u{FEFF}tenant,tier,hostname\r\nacme,pro,a-usher.com\r\n",
        "# comment, with \"quotes\ntenant,tier,hostname\n\n# another\nacme,pro,a-usher.com",
        "\"tenant\",\"tier\",\"hostname\"\n\"acme\",\"pro\",\"a-usher.com\"",
        "tenant,tier,hostname,expect\nacme,pro,a-usher.com,\n",
    ])
    func `files from other programs are read`(text: String) {
        let batch = parse(text)
        #expect(batch.problems.isEmpty, "\(batch.problems)")
        #expect(batch.rows.map { "\($0.tenant) \($0.tier) \($0.hostname)" } == ["acme pro a-usher.com"])
    }

    @Test func `a quoted field may hold commas, quotes and line ends, and lines are still counted`() {
        let batch = parse("tenant,tier,hostname\n\"a,\"\"b\nc\",pro,a-usher.com\nacme,PRO,b-usher.com\n")
        let rule = "1 to 63 lower-case letters, digits, hyphens and underscores, a letter or digit first"
        #expect(
            batch.problems.first.map(\.description) == [
                "a.csv:2:1: tenant \"a,\\\"b\\nc\": \(rule)",
                "a.csv:4:6: tier \"PRO\": \(rule)",
            ]
        )
    }

    static let header = "tenant,tier,hostname,wildcard,min_tls,ciphers,certificate,priority,expect\n"

    @Test(arguments: [
        ("acme,pro,foo bar.com,,,,,,", "2:10: hostname \"foo bar.com\": "),
        ("acme,pro,a-usher.com,maybe,,,,,", "2:22: wildcard \"maybe\": must be yes, no, true or false"),
        ("acme,pro,a-usher.com,,1.4,,,,", "2:23: min_tls \"1.4\": must be 1.0, 1.1, 1.2, 1.3"),
        ("acme,pro,a-usher.com,,,ECDHE-RSA-AES128-GCM-SHA265,,,", "2:24: ciphers \"ECDHE-RSA-AES128-GCM-SHA265\": "),
        ("acme,pro,a-usher.com,,,,own,,", "2:25: certificate \"own\": must be managed, custom"),
        ("acme,pro,a-usher.com,,,,,10,", "2:26: priority \"10\": must be a whole number from 0 to 9"),
        ("acme,pro,a-usher.com,,,,,+7,", "2:26: priority \"+7\": must be a whole number from 0 to 9"),
        ("acme,pro,a-usher.com,,,,,,refused:23505", "2:27: expect \"refused:23505\": must be enforced, partial, "),
        ("acme,pro,a-usher.com,,,,,,done", "2:27: expect \"done\": must be enforced, partial, "),
        ("acme,,a-usher.com,,,,,,", "2:1: tier: missing"),
        ("ümlaut,pro,a-usher.com,x,,,,,", "2:24: wildcard \"x\": "),
        ("acme,pro,a-usher.com", "2:1: 3 fields, but the header has 9"),
        ("acme,pro,a\"b,,,,,,", "2:11: quote in a field that does not start with one"),
        ("acme,\"pro,a-usher.com,,,,,,", "2:6: quote never closed"),
        ("acme,\"pro\"x,a-usher.com,,,,,,", "2:11: text after the closing quote of the field opened at 2:6"),
        ("acme,pro,a\0b,,,,,,", "2:11: NUL byte"),
    ])
    func `a bad value is reported with place, value and rule, and the next row is read`(row: String, problem: String) {
        let batch = parse(Self.header + row + "\nacme,pro,b-usher.com,,,,,,\n")
        #expect(batch.problems.count >= 1)
        #expect(batch.problems.first.contains { $0.description.hasPrefix("a.csv:\(problem)") }, "\(batch.problems)")
        #expect(batch.rows.map(\.line) == [3])
    }

    @Test func `bytes that are no UTF-8 are reported with their place`() {
        let bytes = Array("tenant,tier,hostname\nacme,pro,".utf8) + [0xC3, 0x28] + Array("\n".utf8)
        let batch = BatchFile.parse(bytes, format: .csv, file: "a.csv")
        #expect(batch.problems.description == "a.csv:2:10: not valid UTF-8")
    }

    @Test(arguments: [
        ("", "a.csv: no header line; known columns: tenant, tier, hostname, "),
        ("tenant,tier\nacme,pro\n", "a.csv:1:1: column hostname is missing"),
        ("tenant,tier,hostname,wildcrad\n", "a.csv:1:22: \"wildcrad\": unknown column; did you mean wildcard?"),
        ("tenant,tier,hostname,tier\na,pro,a-usher.com,x\n", "a.csv:1:22: \"tier\": column given twice"),
    ])
    func `a wrong header is one problem`(text: String, problem: String) {
        let problems = parse(text).problems
        #expect(problems.count == 1)
        #expect(problems.description.hasPrefix(problem), "\(problems)")
    }

    @Test func `a tenant on two tiers is reported where the second stands`() {
        let batch = parse("tenant,tier,hostname\nacme,pro,a-usher.com\nacme,free,b-usher.com\n")
        let rule = "tenant acme is on tier pro in line 2; a tenant has one tier"
        #expect(batch.problems.description == "a.csv:3:6: tier \"free\": \(rule)")
    }

    @Test func `the same name twice is left to the database`() {
        let batch = parse("tenant,tier,hostname\nacme,pro,a-usher.com\nacme,pro,A-usher.com\nrival,pro,a-usher.com\n")
        #expect(batch.problems.isEmpty)
        #expect(batch.rows.count == 3)
    }

    @Test func `seven bad rows of ten thousand are reported, each by line, column, value and rule`() {
        var lines = (1...10_000).map { "tenant-\($0 % 12),pro,shop-\($0).acme-usher.com,,,,,,enforced" }
        let bad = [
            (17, "Tenant-5,pro,a-usher.com,,,,,,", "18:1: tenant \"Tenant-5\""),
            (999, "tenant-3,pro,foo_bar.com,,,,,,", "1000:14: hostname \"foo_bar.com\""),
            (1_234, "tenant-3,pro,b-usher.com,perhaps,,,,,", "1235:26: wildcard \"perhaps\""),
            (5_000, "tenant-3,pro,c-usher.com,,1.5,,,,", "5001:27: min_tls \"1.5\""),
            (7_777, "tenant-3,pro,d-usher.com,,,RC4-SHA,,,", "7778:28: ciphers \"RC4-SHA\""),
            (9_998, "tenant-3,pro,e-usher.com,,,,,,finished", "9999:31: expect \"finished\""),
            (10_000, "tenant-3,pro,f-usher.com", "10001:1: 3 fields, but the header has 9"),
        ]
        for (line, text, _) in bad { lines[line - 1] = text }
        let batch = parse(Self.header + lines.joined(separator: "\n"))
        #expect(batch.rows.count == 9_993)
        #expect(batch.problems.count == 7)
        for (problem, expected) in zip(batch.problems.first, bad) {
            #expect(problem.description.hasPrefix("a.csv:\(expected.2)"), "\(problem)")
            #expect(!problem.rule.isEmpty)
        }
    }

    @Test func `the first problems are shown and all are counted`() {
        let rows = (1...200).map { "acme,pro,bad name \($0)" }.joined(separator: "\n")
        let problems = parse("tenant,tier,hostname\n" + rows).problems
        #expect(problems.count == 200)
        #expect(problems.first.count == InputProblems.kept)
        #expect(problems.description.hasSuffix("a.csv: and 150 more"))
    }
}
