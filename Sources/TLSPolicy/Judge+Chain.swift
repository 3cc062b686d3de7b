/// The certificates around a leaf, and its key, against what the provider takes and serves.
///
/// Sources: the provider's pages on custom certificates, on bundling methods (a chain is served as given), and status
/// codes 1428, 1429 and 1441.
struct ChainJudgement {
    let chain: ChainFacts
    /// The leaf in messages.
    let title: String

    var contradictions: [Contradiction] { links + form + key }

    private var links: [Contradiction] {
        if chain.isSelfSigned {
            let remedy = "have the certificate issued by a publicly trusted authority"
            return [contradiction(.certificateSelfSigned, Self.trusted, "\(title) signed itself", remedy)]
        }
        var contradictions: [Contradiction] = []
        if let broken = chain.firstBrokenLink {
            let right = "certificate \(broken + 1) of the chain of \(title) was not signed by certificate \(broken + 2)"
            let remedy = "supply the intermediates that the authority sent with the certificate, and no others"
            contradictions.append(contradiction(.certificateChainBroken, Self.complete, right, remedy))
        } else if chain.intermediates == 0 {
            // A public root signs no leaf itself (CA/Browser Forum Baseline Requirements, section 6.1.7).
            let remedy = "add the authority's intermediate certificates after the leaf"
            let right = "\(title) came without an intermediate"
            contradictions.append(contradiction(.certificateChainIncomplete, Self.complete, right, remedy))
        }
        if chain.includesRoot {
            let remedy = "take the last certificate, which signed itself, out of the file"
            let right = "the chain of \(title) ends with its root"
            contradictions.append(contradiction(.certificateChainRoot, "clients have the root already", right, remedy))
        }
        return contradictions
    }

    private var form: [Contradiction] {
        if chain.isInOrder { return [] }
        let remedy = "list the leaf first, and each other certificate after the one it signed"
        let right = "the certificates around \(title) are in another order"
        return [contradiction(.certificateChainOrder, "the chain is served as given", right, remedy)]
    }

    private var key: [Contradiction] {
        var contradictions: [Contradiction] = []
        if chain.keyMatches == false {
            let remedy = "supply the key that the certificate was requested with, or have it issued for this key"
            let right = "the key given is not that of \(title)"
            contradictions.append(
                contradiction(.certificateKeyMismatch, "the certificate is served with its key", right, remedy)
            )
        }
        if chain.hasCurveParameters {
            let remedy = "take the EC PARAMETERS block out of the key file"
            let right = "an EC PARAMETERS block stands before the key of \(title)"
            contradictions.append(
                contradiction(.certificateCurveParameters, "the provider reads a private key alone", right, remedy)
            )
        }
        return contradictions
    }

    private static let trusted = "the provider takes publicly trusted certificates only"
    private static let complete = "the chain is served as given, so each certificate must be signed by the next"

    private func contradiction(
        _ kind: Contradiction.Kind,
        _ left: String,
        _ right: String,
        _ remedy: String
    ) -> Contradiction {
        Contradiction(kind: kind, left: left, right: right, remedy: remedy, actor: .tenant)
    }
}
