package import TLSPolicy

extension CertificateChain {
    /// What came with the leaf, for `TLSPolicy` to judge; of the file as it was found.
    package var facts: ChainFacts {
        ChainFacts(
            intermediates: intermediates.count,
            isInOrder: wasInOrder,
            firstBrokenLink: firstBrokenLink,
            isSelfSigned: isSelfSigned,
            includesRoot: includesRoot
        )
    }

    /// The leaf with those facts, of a chain as it is stored with the key that is its own.
    var storedLeaf: CertificateFacts {
        var leaf = leaf
        leaf.chain = facts.normalised
        leaf.chain?.keyMatches = true
        return leaf
    }

    /// The same with the facts of a private key that may be the leaf's.
    ///
    /// - Throws: ``CertificateProblem`` if the file holds no readable key; a key of another certificate is a fact.
    package func facts(with key: PrivateKeyPEM) throws(CertificateProblem) -> ChainFacts {
        var facts = facts
        facts.hasCurveParameters = CertificateInspector.hasCurveParameters(key)
        do throws(CertificateProblem) {
            _ = try CertificateInspector.checkKey(key, matches: self)
            facts.keyMatches = true
        } catch .keyMismatch {
            facts.keyMatches = false
        }
        return facts
    }
}
