import TLSPolicy
import Testing

@Suite struct CipherParseTests {
    /// What is written, and the problem; `nil` if it is taken.
    static let vectors: [(String, CipherProblem?)] = [
        ("ECDHE-RSA-AES128-GCM-SHA256", nil),
        ("DES-CBC3-SHA", nil),
        (
            "ecdhe-rsa-aes128-gcm-sha256",
            .wrongCase("ecdhe-rsa-aes128-gcm-sha256", suggestion: "ECDHE-RSA-AES128-GCM-SHA256")
        ),
        (
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            .ianaSpelling("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", suggestion: "ECDHE-RSA-AES128-GCM-SHA256")
        ),
        (
            "tls_rsa_with_aes_128_cbc_sha",
            .ianaSpelling("tls_rsa_with_aes_128_cbc_sha", suggestion: "AES128-SHA")
        ),
        ("TLS_RSA_WITH_RC4_128_SHA", .ianaSpelling("TLS_RSA_WITH_RC4_128_SHA", suggestion: nil)),
        ("TLS_AES_128_GCM_SHA256", .tls13("TLS_AES_128_GCM_SHA256")),
        ("AEAD-AES256-GCM-SHA384", .tls13("AEAD-AES256-GCM-SHA384")),
        ("AEAD-CHACHA20-POLY1305-SHA256", .tls13("AEAD-CHACHA20-POLY1305-SHA256")),
        (
            "ECDHE-RSA-AES128-GCM-SHA265",
            .unknown("ECDHE-RSA-AES128-GCM-SHA265", suggestion: "ECDHE-RSA-AES128-GCM-SHA256")
        ),
        (" AES128-SHA", .unknown(" AES128-SHA", suggestion: "AES128-SHA")),
        ("RC4-SHA", .unknown("RC4-SHA", suggestion: nil)),
        ("", .unknown("", suggestion: nil)),
    ]

    @Test(arguments: vectors.indices)
    func `each kind of mistake has its own answer`(_ index: Int) {
        let (text, problem) = Self.vectors[index]
        switch CipherSuite.parse(text) {
        case .success(let suite): #expect(problem == nil && suite.name == text)
        case .failure(let found): #expect(found == problem)
        }
    }

    @Test func `no two kinds of mistake share a message, and each says what to write`() {
        let problems = CipherSuite.parse([
            "ecdhe-rsa-aes128-gcm-sha256", "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_AES_128_GCM_SHA256", "RC4-MD5",
            "AES128-SHA", "AES128-SHA",
        ]).problems
        #expect(Set(problems.map { $0.message.drop { $0 != " " } }).count == 5)
        for problem in problems {
            #expect(problem.message.contains(problem.name))
            #expect(!problem.remedy.isEmpty)
        }
        #expect(problems.first?.remedy == "write ECDHE-RSA-AES128-GCM-SHA256")
    }

    @Test func `a list names every bad entry and keeps the good ones once, in order`() {
        let list = CipherSuite.parse(["AES256-SHA", "nonsense", "AES128-SHA", "AES256-SHA"])
        #expect(list.suites.map(\.name) == ["AES256-SHA", "AES128-SHA"])
        #expect(list.problems == [.unknown("nonsense", suggestion: nil), .duplicate("AES256-SHA")])
    }

    @Test func `a message shows no more than 80 characters of what was sent, and no control character`() {
        let problem = CipherProblem.unknown(String(repeating: "x\u{1B}", count: 5_000), suggestion: nil)
        #expect(problem.message.count < 500)
        #expect(!problem.message.contains("\u{1B}"))
    }

    @Test func `any text is answered, and only the exact names are taken`() {
        var random = SeededRandom()
        let names = CipherSuite.settable.map(\.name)
        let known = Set(names)
        for _ in 0..<10_000 {
            var text = Array(random.pick(names).unicodeScalars)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: 0...text.count, using: &random)
                let scalar = random.pick(["A", "a", "-", "_", "8", "é", "\u{0}", "\u{1F600}"] as [Unicode.Scalar])
                if Bool.random(using: &random) || place == text.count {
                    text.insert(scalar, at: place)
                } else {
                    text.remove(at: place)
                }
            }
            let name = String(String.UnicodeScalarView(text))
            switch CipherSuite.parse(name) {
            case .success(let suite): random.expect(suite.name == name && known.contains(name))
            case .failure(let problem): random.expect(!known.contains(name) && problem.name == name)
            }
        }
    }
}
