import Testing
import usher

@Suite struct InputProblemTests {
    @Test func `a problem reads as compilers write them`() {
        let place = InputPlace(line: 17, column: 12)
        let problem = InputProblem(file: "a.csv", place: place, field: "hostname", value: "foo_bar.com", rule: "no")
        #expect(problem.description == "a.csv:17:12: hostname \"foo_bar.com\": no")
        #expect(InputProblem(file: "a.csv", place: nil, rule: "no such file").description == "a.csv: no such file")
    }

    @Test(arguments: [
        ("a\"b", "a\\\"b"),
        ("tab\there\u{1B}[31m", "tab\\there\\u{1B}[31m"),
        ("\u{202E}moc.live", "\\u{202E}moc.live"),
        ("bücher", "bücher"),
        (String(repeating: "a.", count: 60), String(repeating: "a.", count: 30) + "…"),
    ])
    func `a value is made safe to show`(value: String, shown: String) {
        #expect(InputProblem.shown(value) == shown)
    }

    @Test func `a key in the place of a name is not repeated`() {
        let secret = String(repeating: "Ab3", count: 20)
        let row = "- {tenant: acme, tier: pro, hostname: a-usher.com, \(secret): 1, ciphers: [\(secret)]}"
        let problems = BatchFile.parse(Array(row.utf8), format: .yaml, file: "a.yaml").problems
        #expect(problems.count == 2)
        #expect(!problems.description.contains(secret.prefix(20)))
    }

    @Test(arguments: [
        "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----",
        "MHcCAQEEIJ7X0yqLwmPaz3Sg5cYkq4Yp2jFhVn1RrXb0f0TtWQzNoAoGCCqGSM49",
        "token v1.0-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEf",
    ])
    func `a key in the wrong column is not repeated`(secret: String) {
        let file = "tenant,tier,hostname\nacme,pro,\"\(secret)\"\n"
        let problems = BatchFile.parse(Array(file.utf8), format: .csv, file: "a.csv").problems
        #expect(problems.count == 1)
        #expect(problems.first.first?.value == "<redacted>")
        #expect(!problems.description.contains(secret.suffix(8)))
    }
}
