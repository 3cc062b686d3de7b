import TLSPolicy
import Testing

@Suite struct HostnameTests {
    @Test(arguments: HostnameVectors.accepted.indices)
    func `a name in any spelling has one canonical form, which is its own`(_ index: Int) throws {
        let (input, expected) = HostnameVectors.accepted[index]
        let hostname = try Hostname(input)
        #expect(hostname.ascii == expected)
        #expect(try Hostname(hostname.ascii) == hostname)
        #expect(try Hostname(hostname.unicode) == hostname)
        #expect(try Hostname(hostname.ascii.uppercased() + ".") == hostname)
    }

    @Test(arguments: HostnameVectors.refused.indices)
    func `a text that is no hostname is refused by the rule it breaks`(_ index: Int) throws {
        let (input, expected) = HostnameVectors.refused[index]
        let problem = try #require(throws: HostnameProblem.self) { try Hostname(input) }
        #expect(problem.kind == expected)
        #expect(!problem.message.contains("\n") && problem.message.count < 400)
    }

    @Test func `every kind of problem is in the table, so none is unreachable`() {
        let kinds = [
            "address", "character", "decomposed", "empty", "empty_label", "example_domain", "hyphen_at_edge",
            "invalid_a_label", "label_too_long", "public_suffix", "reserved_hyphens", "reserved_top_level",
            "single_label", "too_long", "wildcard",
        ]
        #expect(Set(HostnameVectors.refused.map(\.1)).sorted() == kinds)
    }

    @Test func `codes are the provider's and the database's`() {
        func problem(_ text: String) -> HostnameProblem? {
            do { _ = try Hostname(text) } catch { return error }
            return nil
        }
        #expect(problem("a_b.usher.de")?.providerCode == 1407)
        #expect(problem("a.test")?.providerCode == 1409)
        #expect(problem("co.uk")?.providerCode == 1410)
        #expect(problem("example.com")?.providerCode == 1411)
        #expect(["a.test", "co.uk", "example.com"].map { problem($0)?.sqlState } == ["UE003", "UE003", "UE003"])
        #expect(
            ["", "a_b.de", "usher", "*.usher.de"].map { problem($0)?.sqlState } == Array(repeating: "UE002", count: 4)
        )
        #expect(problem("*.Usher.de")?.message.contains("\"usher.de\" with wildcard = true") == true)
    }

    @Test func `names for people are in their own script`() throws {
        #expect(try Hostname("xn--bcher-kva.usher.de").unicode == "bücher.usher.de")
        #expect(try Hostname("www.usher.de").unicode == "www.usher.de")
    }

    @Test func `any text is answered, and what is taken is canonical`() {
        var random = SeededRandom()
        let alphabet = Array("ab-.xn--0189ü*_ßКあ。é\u{308}\u{301}ك\u{200D}\u{93F}क्한\u{1112}".unicodeScalars)
        for _ in 0..<100_000 {
            var text = String.UnicodeScalarView()
            let wild = Int.random(in: 0...9, using: &random) == 0
            for _ in 0..<Int.random(in: 0...14, using: &random) {
                let any = wild ? Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random)) : nil
                text.append(any ?? random.pick(alphabet))
            }
            if Bool.random(using: &random) { text.append(contentsOf: ".usher.de".unicodeScalars) }
            guard let hostname = try? Hostname(String(text)) else { continue }
            let isCanonical = hostname.ascii.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
            }
            random.expect(isCanonical && hostname.ascii.utf8.count <= 253)
            random.expect((try? Hostname(hostname.ascii)) == hostname)
            random.expect((try? Hostname(hostname.unicode)) == hostname)
        }
    }

    @Test func `any digits after xn-- are answered`() {
        var random = SeededRandom()
        let digits = Array("abcdefghijklmnopqrstuvwxyz0123456789-".unicodeScalars)
        for _ in 0..<50_000 {
            var text = "xn--"
            for _ in 0..<Int.random(in: 0...59, using: &random) { text.unicodeScalars.append(random.pick(digits)) }
            guard let hostname = try? Hostname(text + ".usher.de") else { continue }
            random.expect(hostname.ascii == text + ".usher.de")
        }
    }
}
