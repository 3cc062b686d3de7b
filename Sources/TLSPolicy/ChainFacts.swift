/// The plain facts of what came with a leaf certificate: the certificates around it and its key.
///
/// Of the file as it was found; ``normalised`` says what is left of them once it is stored.
package struct ChainFacts: Hashable, Sendable, Codable {
    /// Certificates beside the leaf.
    package var intermediates: Int
    /// Whether the leaf came first and each other certificate after the one it signed (RFC 5246 section 7.4.2).
    package var isInOrder: Bool
    /// Index of the first certificate, from the leaf at 0 and in order, that the next one did not sign; `nil` if none.
    package var firstBrokenLink: Int?
    /// Whether the leaf signed itself.
    package var isSelfSigned: Bool
    /// Whether the last certificate signed itself.
    package var includesRoot: Bool
    /// Whether the private key is the leaf's; `nil` if no key was looked at.
    package var keyMatches: Bool?
    /// Whether an `EC PARAMETERS` block stands before the key, as `openssl ecparam -genkey` writes it.
    package var hasCurveParameters: Bool

    package init(
        intermediates: Int,
        isInOrder: Bool = true,
        firstBrokenLink: Int? = nil,
        isSelfSigned: Bool = false,
        includesRoot: Bool = false,
        keyMatches: Bool? = nil,
        hasCurveParameters: Bool = false
    ) {
        self.intermediates = intermediates
        self.isInOrder = isInOrder
        self.firstBrokenLink = firstBrokenLink
        self.isSelfSigned = isSelfSigned
        self.includesRoot = includesRoot
        self.keyMatches = keyMatches
        self.hasCurveParameters = hasCurveParameters
    }

    /// The same once stored, which puts the chain in order and leaves the `EC PARAMETERS` out.
    package var normalised: ChainFacts {
        var facts = self
        facts.isInOrder = true
        facts.hasCurveParameters = false
        return facts
    }
}
