/// Composes letters written as base and accents into the single characters of NFC.
///
/// The standard library offers no NFC without Foundation. It does compare strings by canonical equivalence, which is
/// enough to find, for a pair of scalars, the one scalar that means the same. What this cannot decide is refused, never
/// guessed: a name must have one form only.
enum Composition {
    /// The text with marks in canonical order and pairs composed, as far as they are known.
    static func composed(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard scalars.contains(where: mayCompose) else { return scalars }
        var output: [Unicode.Scalar] = []
        var starter: Int?
        for scalar in ordered(scalars) {
            let combiningClass = scalar.properties.canonicalCombiningClass
            if let place = starter, !isBlocked(combiningClass, by: output, after: place),
                let whole = composite(output[place], scalar)
            {
                output[place] = whole
                continue
            }
            if combiningClass == .notReordered { starter = output.count }
            output.append(scalar)
        }
        return output.map { singletons[$0] ?? $0 }
    }

    /// Whether a composed label may still have another canonical form.
    ///
    /// Left over after composition, the diacritics of Latin, Greek and Cyrillic (U+0300 to U+036F), the Arabic hamza
    /// and madda, and the kana voicing marks stand beside a letter that may itself hide an accent.
    static func isDoubtful(_ label: [Unicode.Scalar]) -> Bool {
        label.contains { scalar in
            switch scalar.value {
            case 0x0300...0x036F, 0x0653...0x0655, 0x3099, 0x309A: true
            case 0x1100...0x11FF: true  // conjoining Hangul, which composes by arithmetic
            default: scalar.properties.isFullCompositionExclusion
            }
        }
    }

    /// Only marks, Hangul vowels and singletons change anything.
    private static func mayCompose(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return false }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: return true
        default: return scalar.properties.isFullCompositionExclusion
        }
    }

    /// Runs of marks sorted by combining class, stably (Unicode chapter 3.11, canonical ordering).
    private static func ordered(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var output: [Unicode.Scalar] = []
        var runStart = 0
        for scalar in scalars {
            let rank = scalar.properties.canonicalCombiningClass
            guard rank != .notReordered else {
                output.append(scalar)
                runStart = output.count
                continue
            }
            var place = output.count
            while place > runStart, output[place - 1].properties.canonicalCombiningClass > rank { place -= 1 }
            output.insert(scalar, at: place)
        }
        return output
    }

    /// A mark between two scalars blocks their composition unless its class is lower.
    private static func isBlocked(
        _ combiningClass: Unicode.CanonicalCombiningClass,
        by output: [Unicode.Scalar],
        after starter: Int
    ) -> Bool {
        guard output.count - 1 > starter, let last = output.last else { return false }
        return last.properties.canonicalCombiningClass >= combiningClass
    }

    private static func composite(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        composites[String(String.UnicodeScalarView([first, second]))]
    }

    /// Letters of the scripts that have composites, found by any canonically equivalent spelling.
    private static let composites: [String: Unicode.Scalar] = {
        let ranges: [ClosedRange<UInt32>] = [0x00C0...0x1FFF, 0x3040...0x30FF, 0x11080...0x11FFF]
        let letters = ranges.joined().lazy.compactMap(Unicode.Scalar.init).filter {
            !$0.properties.isFullCompositionExclusion
        }
        return Dictionary(letters.map { (String($0), $0) }) { first, _ in first }
    }()

    /// Greek letters that exist twice, by the scalar NFC does not use.
    private static let singletons: [Unicode.Scalar: Unicode.Scalar] = {
        let doubled = (UInt32(0x1F00)...0x1FFF).compactMap(Unicode.Scalar.init).filter {
            $0.properties.isFullCompositionExclusion
        }
        return Dictionary(
            uniqueKeysWithValues: doubled.compactMap { scalar in
                composites[String(scalar)].map { (scalar, $0) }
            }
        )
    }()
}
