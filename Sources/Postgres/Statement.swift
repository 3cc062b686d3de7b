/// An SQL statement with its parameters, written as one string literal.
///
/// ```swift
/// let statement: Statement = "select id from job where tenant = \(tenant) and state = any(\(states))"
/// ```
/// An interpolated value becomes a parameter, sent apart from the text: it cannot change what the statement means.
/// A name is interpolated as `\(identifier: name)` and quoted. A statement may be interpolated into another; its
/// parameters are numbered anew. No other interpolation compiles, so no text is ever pasted into SQL.
package struct Statement: Sendable {
    fileprivate enum Fragment: Sendable {
        case text(String)
        case parameter(Parameter)
    }

    struct Parameter: Sendable {
        let type: PostgresType
        let text: String?
    }

    fileprivate var fragments: [Fragment]

    /// A statement without parameters whose text is not a literal, as one read from a file of the project.
    ///
    /// Never for text that a user had a part in.
    package init(verbatim sql: String) {
        fragments = [.text(sql)]
    }

    /// The text as the server gets it, with `$1` … for the parameters.
    package var sql: String {
        var sql = ""
        var count = 0
        for fragment in fragments {
            switch fragment {
            case .text(let text): sql += text
            case .parameter:
                count += 1
                sql += "$\(count)"
            }
        }
        return sql
    }

    var parameters: [Parameter] {
        fragments.compactMap { if case .parameter(let parameter) = $0 { parameter } else { nil } }
    }
}

extension Statement: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) {
        fragments = [.text(value)]
    }

    package init(stringInterpolation: StringInterpolation) {
        fragments = stringInterpolation.fragments
    }

    /// Collects the pieces of a literal.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var fragments: [Fragment] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            fragments.reserveCapacity(interpolationCount * 2 + 1)
        }

        package mutating func appendLiteral(_ literal: String) {
            fragments.append(.text(literal))
        }

        /// A parameter.
        package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) {
            fragments.append(.parameter(Parameter(type: Value.postgresType, text: value.postgresText)))
        }

        /// A parameter that may be null.
        ///
        /// Beside the one above only because the compiler warns of an optional that goes into a generic place.
        package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            fragments.append(.parameter(Parameter(type: Value.postgresType, text: value?.postgresText)))
        }

        /// Another statement with its parameters.
        package mutating func appendInterpolation(_ statement: Statement) {
            fragments.append(contentsOf: statement.fragments)
        }

        /// The name of a table, column, channel …, quoted.
        package mutating func appendInterpolation(identifier name: String) {
            fragments.append(.text("\"" + name.replacing("\"", with: "\"\"") + "\""))
        }
    }
}

extension Sequence<Statement> {
    /// One statement of several, as conditions joined by ` and `.
    package func joined(separator: Statement) -> Statement {
        var joined: Statement?
        for statement in self {
            joined = joined.map { "\($0)\(separator)\(statement)" } ?? statement
        }
        return joined ?? ""
    }
}

extension Statement: CustomStringConvertible, CustomReflectable {
    /// The text only: parameters may be secret.
    package var description: String { sql }

    package var customMirror: Mirror { Mirror(self, children: ["sql": sql]) }
}
