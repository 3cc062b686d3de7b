package import Cloudflare

/// Rows that win over the program's own table of the provider's errors.
///
/// ```yaml
/// apiVersion: usher/v1
/// errors:
///   - endpoint: custom_hostnames   # left out: any
///     status: 400                  # or a range as 400-499; left out: any
///     code: 1456                   # or a range; left out: any, and none
///     message: not been granted    # a part of the provider's text; left out: any
///     class: not_entitled
///     actor: operator
///     advice: Ask the account team for the add-on.
/// ```
package struct ErrorClassFile: Sendable {
    /// The rows without a problem, in file order; meant to be used only if ``problems`` is empty.
    package let rules: [ErrorRule]
    package let problems: InputProblems

    /// Reads a YAML or JSON file, or standard input for `-`.
    package static func read(_ path: String) -> ErrorClassFile { ErrorClassFile(ErrorClassReader.reading(path)) }

    /// Reads the contents of a file; `file` is the name used in messages.
    package static func parse(_ bytes: [UInt8], file: String) -> ErrorClassFile {
        ErrorClassFile(ErrorClassReader.parsing(bytes, file: file))
    }

    private init(_ reader: ErrorClassReader) {
        rules = reader.rules
        problems = reader.fields.problems
    }
}

extension Settings {
    /// The table of the provider's errors, with the rows of the configured file before it.
    ///
    /// - Throws: ``Failure`` that names every problem of the file.
    package func errorTable() throws(Failure) -> ErrorTable {
        guard let errorsFile else { return .standard }
        let file = ErrorClassFile.read(errorsFile)
        if file.problems.isEmpty { return ErrorTable(overriding: file.rules) }
        throw Failure(
            "the error classes in \(errorsFile) are wrong",
            hint: "see usher provider errors --help",
            details: file.problems.lines,
            status: .badConfiguration
        )
    }
}

/// Reads the rows of an ``ErrorClassFile``.
private struct ErrorClassReader: StrictDocument {
    var fields: FieldReader
    var rules: [ErrorRule] = []

    private static let keys = ["endpoint", "status", "code", "message", "class", "actor", "advice"]

    init(file: String) {
        fields = FieldReader(problems: InputProblems(file: file))
    }

    mutating func read(_ root: InputValue) {
        guard let top = fields.table(root, field: "", keys: ["apiVersion", "errors"]) else { return }
        fields.apiVersion(top["apiVersion"], requiredAt: root.place)
        guard let list = top["errors"], case .list(let items) = list.content else {
            fields.reject(top["errors"] ?? root, field: "errors", "must be a list of rows")
            return
        }
        for (index, item) in items.enumerated() {
            let before = fields.problems.count
            let rule = rule(item, field: "errors[\(index)]")
            if let rule, fields.problems.count == before { rules.append(rule) }
        }
    }

    private mutating func rule(_ item: InputValue, field: String) -> ErrorRule? {
        guard let row = fields.table(item, field: field, keys: Self.keys) else { return nil }
        let endpoint = fields.choice(
            row["endpoint"],
            field: row.path + "endpoint",
            of: ProviderCall.Endpoint.self
        )
        let statuses = range(row["status"], field: row.path + "status", in: 200...599)
        let codes = range(row["code"], field: row.path + "code", in: 0...999_999)
        let text = fields.text(row["message"], field: row.path + "message")
        if row["status"] == nil && row["code"] == nil && row["message"] == nil {
            fields.problems.report(at: item.place, field: field, "needs one of status, code and message")
        }
        let verdict = verdict(row)
        return verdict.map {
            ErrorRule(endpoint: endpoint, statuses: statuses ?? 200...599, codes: codes, text: text, verdict: $0)
        }
    }

    private mutating func verdict(_ row: FieldReader.Table) -> ErrorVerdict? {
        let `class` = fields.choice(row["class"], field: row.path + "class", of: ErrorClass.self)
        let actor = fields.choice(row["actor"], field: row.path + "actor", of: ResponsibleActor.self)
        for key in ["class", "actor"] where row[key] == nil {
            fields.problems.report(at: row.place, field: row.path + key, "missing")
        }
        let advice = fields.text(row["advice"], field: row.path + "advice")
        guard let `class`, let actor else { return nil }
        let source = "\(fields.problems.file):\(row.place.line)"
        return ErrorVerdict(
            class: `class`,
            actor: actor,
            advice: advice ?? "See the provider's message.",
            source: source
        )
    }

    /// One number, or two with a hyphen between.
    private mutating func range(_ value: InputValue?, field: String, in bounds: ClosedRange<Int>) -> ClosedRange<Int>? {
        guard let value else { return nil }
        if case .plain(let text) = value.content {
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            if let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last,
                bounds.contains(first), bounds.contains(last)
            {
                return first...last
            }
        }
        let form = "must be a number from \(bounds.lowerBound) to \(bounds.upperBound), or a range such as 400-499"
        fields.reject(value, field: field, form)
        return nil
    }
}
