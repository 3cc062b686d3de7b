import TLSPolicy

/// A batch of hostnames to onboard, as a person or a program wrote it down.
///
/// The same hostname twice, or wanted by two tenants, is no problem of the file: what comes of it is the database's
/// decision, which also knows the hostnames claimed before.
package struct BatchFile: Sendable {
    /// The ways a batch is written.
    package enum Format: String, CaseIterable, Sendable {
        case csv
        case yaml
        /// JSON Lines: one object a line.
        case jsonl

        /// The format a file name's extension stands for.
        package init?(path: String) {
            switch path.split(separator: ".").last?.lowercased() {
            case "csv": self = .csv
            case "yaml", "yml": self = .yaml
            case "jsonl", "ndjson": self = .jsonl
            default: return nil
            }
        }
    }

    /// The good rows, in file order; meant to be used only if ``problems`` is empty, or on request.
    package let rows: [OnboardingRow]
    package let problems: InputProblems

    /// Reads a file, or standard input for `-`, which needs its format named.
    package static func read(_ path: String, format: Format? = nil) -> BatchFile {
        let name = path == "-" ? InputFile.standardInputName : path
        guard let format = format ?? Format(path: path) else {
            return BatchFile(
                file: name,
                rule: "unknown kind of file; name it .csv, .yaml or .jsonl, or say --format csv, yaml or jsonl"
            )
        }
        switch InputFile.read(path) {
        case .success(let bytes): return parse(bytes, format: format, file: name)
        case .failure(let problem): return BatchFile(file: name, rule: problem.rule)
        }
    }

    /// Reads the contents of a file; `file` is the name used in messages.
    package static func parse(_ bytes: [UInt8], format: Format, file: String) -> BatchFile {
        var parser = BatchParser(file: file)
        switch format {
        case .csv: parser.readCSV(bytes)
        case .yaml: parser.readYAML(bytes)
        case .jsonl: parser.readJSONLines(bytes)
        }
        return BatchFile(rows: parser.rows, problems: parser.reader.fields.problems)
    }

    private init(rows: [OnboardingRow], problems: InputProblems) {
        self.rows = rows
        self.problems = problems
    }

    /// A file that gave nothing, for one reason.
    private init(file: String, rule: String) {
        var problems = InputProblems(file: file)
        problems.report(at: nil, rule)
        self.init(rows: [], problems: problems)
    }
}
