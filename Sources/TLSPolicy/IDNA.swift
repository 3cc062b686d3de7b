/// What IDNA2008 maps and permits, as far as the standard library's Unicode data decides it.
enum IDNA {
    /// The mapping of RFC 5895 section 2: lower case, full-width ASCII to ASCII, composed, separators to dots.
    static func map(_ text: String) -> [Unicode.Scalar] {
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            return text.utf8.map { Unicode.Scalar((0x41...0x5A).contains($0) ? $0 + 0x20 : $0) }
        }
        var mapped: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x3002, 0xFF0E, 0xFF61: mapped.append(".")
            case 0xFF01...0xFF5E: mapped += narrowed(scalar).properties.lowercaseMapping.unicodeScalars
            default: mapped += scalar.properties.lowercaseMapping.unicodeScalars
            }
        }
        return Composition.composed(mapped)
    }

    /// Checks a mapped label with at least one scalar that is not ASCII.
    static func check(_ label: [Unicode.Scalar]) throws(HostnameProblem) {
        let text = String(String.UnicodeScalarView(label))
        if Composition.isDoubtful(label) { throw .decomposed(text) }
        if let first = label.first, isMark(first) { throw .character(first, label: text) }
        for (index, scalar) in label.enumerated() where !scalar.isASCII {
            let isAllowed = ContextRule.allows(scalar, at: index, in: label) ?? isPermitted(scalar)
            if !isAllowed { throw .character(scalar, label: text) }
        }
    }

    private static func narrowed(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value - 0xFEE0))
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    /// Whether a scalar is PVALID (RFC 5892 section 3): exceptions first, then stable letters, digits and marks.
    private static func isPermitted(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00DF, 0x03C2, 0x06FD, 0x06FE, 0x0F0B, 0x3007: return true
        case 0x0640, 0x07FA, 0x302E, 0x302F, 0x3031...0x3035, 0x303B: return false
        case 0x1100...0x11FF, 0xA960...0xA97F, 0xD7B0...0xD7FF: return false  // conjoining Hangul, section 2.9
        default: break
        }
        let properties = scalar.properties
        if properties.changesWhenNFKCCaseFolded || properties.isDefaultIgnorableCodePoint { return false }
        switch properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .decimalNumber, .nonspacingMark, .spacingMark: return true
        default: return false
        }
    }
}

/// Scalars that are permitted beside certain others only (RFC 5892 appendix A).
private enum ContextRule {
    /// `nil` if no rule is about this scalar.
    static func allows(_ scalar: Unicode.Scalar, at index: Int, in label: [Unicode.Scalar]) -> Bool? {
        let before = index > 0 ? label[index - 1] : nil
        let after = index + 1 < label.count ? label[index + 1] : nil
        switch scalar.value {
        // After a virama only: which letters join, the other ground for U+200C, the standard library does not know.
        case 0x200C, 0x200D: return before?.properties.canonicalCombiningClass == .virama
        case 0x00B7: return before == "l" && after == "l"
        case 0x0375: return after.map { isGreek($0.value) } ?? false
        case 0x05F3, 0x05F4: return before.map { (0x0590...0x05FF).contains($0.value) } ?? false
        case 0x30FB: return label.contains { isJapanese($0.value) }
        case 0x0660...0x0669: return !label.contains { (0x06F0...0x06F9).contains($0.value) }
        case 0x06F0...0x06F9: return !label.contains { (0x0660...0x0669).contains($0.value) }
        default: return nil
        }
    }

    private static func isGreek(_ value: UInt32) -> Bool {
        switch value {
        case 0x03E2...0x03EF: false  // Coptic
        case 0x0370...0x03FF, 0x1F00...0x1FFF: true
        default: false
        }
    }

    /// Hiragana, Katakana or Han.
    private static func isJapanese(_ value: UInt32) -> Bool {
        switch value {
        case 0x30FB: false
        case 0x3005...0x3007, 0x3041...0x3096, 0x30A1...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0x20000...0x323AF:
            true
        default: false
        }
    }
}
