/// A position in an input file; both numbers start at 1 and columns count Unicode scalars, as editors do.
package struct InputPlace: Hashable, Sendable {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// One thing wrong with an input file: where, what was read, and the rule it breaks.
package struct InputProblem: Hashable, Sendable {
    /// The path as the person gave it, or `<stdin>`.
    package let file: String
    /// `nil` if the file as a whole is at fault, such as one that does not exist.
    package let place: InputPlace?
    /// The column or key; nested keys are joined by dots, as in `tiers.pro.limits.running`.
    package let field: String?
    /// What was read, made safe to show by ``shown(_:)``.
    package let value: String?
    /// What would have been right, in words a person can act on.
    package let rule: String

    /// Describes a problem; what was read is shortened and redacted here, so that no caller can forget it.
    ///
    /// The rule for a value that looks like a secret is replaced too: it may quote a part of it.
    package init(file: String, place: InputPlace?, field: String? = nil, value: String? = nil, rule: String) {
        self.file = file
        self.place = place
        self.field = field.map(Self.shown)
        self.value = value.map(Self.shown)
        self.rule = value.map(Self.looksSecret) == true ? "looks like a key or a token, which has no place here" : rule
    }
}

extension InputProblem: CustomStringConvertible {
    /// Compilers' form, which editors make clickable: `file:line:column: field "value": rule`.
    package var description: String {
        let position = place.map { ":\($0.line):\($0.column)" } ?? ""
        let subject = [field, value.map { "\"\($0)\"" }].compactMap(\.self).joined(separator: " ")
        return "\(file)\(position): \(subject.isEmpty ? "" : subject + ": ")\(rule)"
    }
}

extension InputProblem {
    private static let longestShownValue = 60
    private static let shortestSecret = 40

    /// A value fit for a terminal and a log: control characters escaped, length bounded, key material left out.
    ///
    /// A private key or a token in the wrong column must not reach a log through the message that reports it. An
    /// unbroken run of 40 base64 characters counts as one: the provider's tokens have that length, lines of PEM 64.
    package static func shown(_ value: String) -> String {
        if looksSecret(value) { return "<redacted>" }
        var result = ""
        for scalar in value.unicodeScalars.prefix(longestShownValue) {
            result += isPlain(scalar) ? String(scalar) : scalar.escaped(asASCII: true)
        }
        return value.unicodeScalars.count > longestShownValue ? result + "…" : result
    }

    /// False for what could move a terminal's cursor, reorder or hide text, or end the quotation.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: scalar != "\""
        }
    }

    private static func looksSecret(_ value: String) -> Bool {
        if value.contains("-----BEGIN") || value.contains("PRIVATE KEY") { return true }
        var run = 0
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="),
                UInt8(ascii: "_"):
                run += 1
            default:
                run = 0
            }
            if run >= shortestSecret { return true }
        }
        return false
    }
}
