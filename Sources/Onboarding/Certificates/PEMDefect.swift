/// Why a PEM block cannot be read.
package enum PEMDefect: Error, Hashable, Sendable {
    /// A BEGIN or END line with something else on it, or with the wrong number of hyphens.
    case brokenBoundary
    /// A BEGIN without its END.
    case unterminated
    /// The END names another label than the BEGIN.
    case mismatched
    /// An END without a BEGIN.
    case strayEnd
    /// The body is not base64.
    case notBase64
    /// The body is empty.
    case empty
    /// The bytes are not what the label says.
    case wrongContent
}

extension PEMDefect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .brokenBoundary:
            #"its BEGIN or END line holds something else too; a literal "\n" is not a line end"#
        case .unterminated: "it has a BEGIN line but no END line"
        case .mismatched: "its END line names another label than its BEGIN line"
        case .strayEnd: "it has an END line but no BEGIN line"
        case .notBase64: "its body is not base64"
        case .empty: "its body is empty"
        case .wrongContent: "its bytes are damaged, or are not what its label says"
        }
    }
}
