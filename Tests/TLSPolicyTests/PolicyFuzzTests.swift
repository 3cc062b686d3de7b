import Foundation
import TLSPolicy
import Testing

/// Hostnames and cipher lists broken at random: each is taken in its one form, or refused with a message.
///
/// `USHER_FUZZ` sets the number of cases of each (5,000 if not given), `USHER_SEED` repeats a run.
@Suite struct PolicyFuzzTests {
    private static let count = ProcessInfo.processInfo.environment["USHER_FUZZ"].flatMap(Int.init) ?? 5_000

    @Test func `a broken hostname is canonical or refused with a message`() {
        var random = SeededRandom()
        let samples = [
            "pay.acme.com", "www.bücher.de", "xn--bcher-kva.de", "*.shop.acme.com", "日本語.jp", "a.b-c.d9.co.uk",
            "faß.de", "192.0.2.1", "2001:db8::1", String(repeating: "a", count: 63) + ".com", "ليهمابتكلموشعربي؟.com",
        ]
        let spices = Array(
            ".-*:%/ @_\u{0}\u{7F}\u{AD}\u{200D}\u{3002}\u{FF0E}\u{301}\u{10FFFF}🎉ßıK\u{212A}xn--0٣".unicodeScalars
        )
        var (taken, refused) = (0, 0)
        for _ in 0..<Self.count {
            let text = Self.broken(random.pick(samples), spices, &random)
            do throws(HostnameProblem) {
                let hostname = try Hostname(text)
                taken += 1
                random.expect((1...253).contains(hostname.ascii.utf8.count))
                random.expect(hostname.ascii.utf8.allSatisfy { $0 < 0x80 })
                random.expect((try? Hostname(hostname.ascii)) == hostname)
                random.expect((try? Hostname(hostname.unicode)) == hostname)
            } catch {
                refused += 1
                random.expect(!error.message.isEmpty)
            }
        }
        #expect(taken > Self.count / 100 && refused > Self.count / 10, "\(taken) taken, \(refused) refused")
    }

    @Test func `a broken cipher list is suites and messages, one for each name`() {
        var random = SeededRandom()
        let samples =
            CipherSuite.settable.map(\.name) + CipherSuite.settable.map(\.ianaName) + ["TLS_AES_128_GCM_SHA256", ""]
        let spices = Array("-_:+!@ \u{0}aA1ßı\u{301}🎉TLS_ECDHE".unicodeScalars)
        for _ in 0..<Self.count {
            let names = (0...Int.random(in: 0...3, using: &random)).map { _ in
                let name = random.pick(samples)
                return Bool.random(using: &random) ? name : Self.broken(name, spices, &random)
            }
            let list = CipherSuite.parse(names)
            random.expect(list.suites.count + list.problems.count == names.count)
            random.expect(Set(list.suites).count == list.suites.count)
            random.expect(list.suites.allSatisfy { names.contains($0.name) })
            random.expect(list.problems.allSatisfy { !$0.message.isEmpty && !$0.remedy.isEmpty })
        }
    }

    /// Inserts, deletes, replaces and repeats scalars.
    private static func broken(
        _ text: String,
        _ spices: [Unicode.Scalar],
        _ random: inout SeededRandom
    ) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let place = Int.random(in: 0...scalars.count, using: &random)
            let end = min(scalars.count, place + Int.random(in: 0...3, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: scalars.insert(random.pick(spices), at: place)
            case 1: scalars.removeSubrange(place..<end)
            case 2: scalars.replaceSubrange(place..<end, with: [random.pick(spices)])
            default: scalars.insert(contentsOf: scalars[..<end], at: place)
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
