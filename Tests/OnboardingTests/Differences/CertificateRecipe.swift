import Simulator

/// What a generated certificate is to be like, right or wrong, thing by thing.
struct CertificateRecipe: Hashable, Sendable {
    enum Names: String, CaseIterable, Sendable {
        case exact, upperCase, several, wildcard, other, wildcardOfItself, partialWildcard, twoWildcards, wildcardOfTop
        case longer, shorter, withNUL, commonNameOnly
    }

    enum Validity: String, CaseIterable, Sendable {
        case fine, endsSoon, expired, future, firstSecond, lastSecond
    }

    enum Issuer: String, CaseIterable, Sendable {
        /// An intermediate of the trusted root, and its certificate beside the leaf.
        case elliptic, rsa
        /// The intermediate beside the leaf has the right name and another key.
        case impostor
        /// The right intermediate, but nothing beside the leaf.
        case absent
        /// The trusted root itself.
        case root
        /// An intermediate of a root that nobody trusts.
        case stranger
        case itself
    }

    enum Digest: String, CaseIterable, Sendable {
        case sha1, sha256, sha384, sha512
    }

    enum Key: String, CaseIterable, Sendable {
        case rsa2048, p256, p384, ed25519
    }

    var names: Names
    var validity: Validity
    var issuer: Issuer
    var digest: Digest
    var key: Key
    var isAuthority: Bool

    /// The name every certificate is judged for.
    static let hostname = "shop.usher.de"
    /// The moment every certificate is judged at, seconds since 1970.
    static let now: Int64 = 1_795_000_000

    /// At random; half of each property is as it should be, so that wrong ones also come alone.
    init(using random: inout SeededRandom) {
        names = Self.mostly(.exact, using: &random)
        validity = Self.mostly(.fine, using: &random)
        issuer = Self.mostly(.elliptic, using: &random)
        digest = Self.mostly(.sha256, using: &random)
        key = Self.mostly(.p256, using: &random)
        isAuthority = Int.random(in: 0..<16, using: &random) == 0
    }

    private static func mostly<Value: CaseIterable>(_ usual: Value, using random: inout SeededRandom) -> Value {
        Bool.random(using: &random) ? usual : Value.allCases.randomElement(using: &random) ?? usual
    }

    /// dNSNames of the subject alternative name.
    var alternativeNames: [String] {
        switch names {
        case .exact: ["shop.usher.de"]
        case .upperCase: ["Shop.USHER.de"]
        case .several: ["www.usher.de", "shop.usher.de", "*.shop.usher.de"]
        case .wildcard: ["*.usher.de"]
        case .other: ["www.usher.de"]
        case .wildcardOfItself: ["*.shop.usher.de"]
        case .partialWildcard: ["s*.usher.de"]
        case .twoWildcards: ["*.*.de"]
        case .wildcardOfTop: ["*.de"]
        case .longer: ["shop.usher.de.usher.net"]
        case .shorter: ["usher.de"]
        case .withNUL: ["shop.usher.de\u{0}.usher.net"]
        case .commonNameOnly: []
        }
    }

    /// First and last second.
    var period: (Int64, Int64) {
        let day: Int64 = 86_400
        let now = Self.now
        return switch validity {
        case .fine: (now - 10 * day, now + 80 * day)
        case .endsSoon: (now - 80 * day, now + 13 * day)
        case .expired: (now - 90 * day, now - 1)
        case .future: (now + 1, now + 90 * day)
        case .firstSecond: (now, now + 90 * day)
        case .lastSecond: (now - 90 * day, now)
        }
    }
}
