/// The three formats of a batch, each brought to ``InputValue`` records for the one ``RowReader``.
struct BatchParser {
    var reader: RowReader
    var rows: [OnboardingRow] = []

    init(file: String) {
        self.reader = RowReader(file: file)
    }

    private mutating func append(_ record: InputValue) {
        if let row = reader.row(from: record) { rows.append(row) }
    }

    private mutating func report(_ place: InputPlace?, _ rule: String) {
        reader.fields.problems.report(at: place, rule)
    }
}

extension BatchParser {
    mutating func readCSV(_ bytes: [UInt8]) {
        var records = CSVReader(bytes)
        guard let first = records.next() else {
            return report(nil, "no header line; known columns: \(RowReader.Key.names.joined(separator: ", "))")
        }
        guard case .fields(let names, _) = first, let header = header(names) else {
            if case .broken(let place, let rule) = first { report(place, rule) }
            return
        }
        for record in records {
            switch record {
            case .broken(let place, let rule):
                report(place, rule)
            case .fields(let fields, let line) where fields.count != header.count:
                let rule = "\(fields.count) fields, but the header has \(header.count)"
                report(InputPlace(line: line, column: 1), rule)
            case .fields(let fields, let line):
                append(Self.record(header, fields, line: line))
            }
        }
    }

    /// The keys of the columns, `nil` for an unknown one; nothing if a required one is missing.
    private mutating func header(_ names: [CSVReader.Field]) -> [RowReader.Key?]? {
        var keys: [RowReader.Key?] = []
        for name in names {
            let key = RowReader.Key(rawValue: name.text)
            if key == nil {
                let rule = reader.fields.unknown("column", name.text, among: RowReader.Key.names)
                reader.fields.problems.report(at: name.place, value: name.text, rule)
            } else if keys.contains(key) {
                reader.fields.problems.report(at: name.place, value: name.text, "column given twice")
            }
            keys.append(keys.contains(key) ? nil : key)
        }
        let missing = RowReader.Key.required.filter { !keys.contains($0) }
        for key in missing { report(names.first?.place, "column \(key.rawValue) is missing") }
        return missing.isEmpty ? keys : nil
    }

    private static func record(_ header: [RowReader.Key?], _ fields: [CSVReader.Field], line: Int) -> InputValue {
        var entries: [InputValue.Entry] = []
        entries.reserveCapacity(fields.count)
        for (key, field) in zip(header, fields) where !field.text.isEmpty {
            guard let key else { continue }
            let value = InputValue(content: content(of: key, field), place: field.place)
            entries.append(InputValue.Entry(key: key.rawValue, keyPlace: field.place, value: value))
        }
        return InputValue(content: .table(entries), place: InputPlace(line: line, column: 1))
    }

    /// A field is text, save the cipher list: names separated by blanks or bars, for commas would need quotes.
    private static func content(of key: RowReader.Key, _ field: CSVReader.Field) -> InputValue.Content {
        guard key == .ciphers else { return .plain(field.text) }
        let names = field.text.split { $0 == " " || $0 == "|" }
        return .list(names.map { InputValue(content: .plain(String($0)), place: field.place) })
    }
}

extension BatchParser {
    mutating func readJSONLines(_ bytes: [UInt8]) {
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: byteOrderMark) ? bytes.dropFirst(3) : bytes[...]
        for (index, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let place = InputPlace(line: index + 1, column: 1)
            guard let text = String(validating: line, as: UTF8.self) else {
                report(place, "not valid UTF-8")
                continue
            }
            if text.allSatisfy(\.isWhitespace) { continue }
            do throws(JSONReader.Malformed) {
                append(try JSONReader.read(text[...], line: index + 1))
            } catch {
                report(error.place, error.rule)
            }
        }
    }

    mutating func readYAML(_ bytes: [UInt8]) {
        do throws(YAMLReader.Malformed) {
            for record in list(in: try YAMLReader.read(bytes)) { append(record) }
        } catch {
            report(error.place, error.rule)
        }
    }

    /// The records of a document: the document itself if it is a list, else the list under `onboarding`.
    private mutating func list(in document: InputValue) -> [InputValue] {
        if case .list(let records) = document.content { return records }
        let keys = ["apiVersion", "onboarding"]
        guard let table = reader.fields.table(document, field: "", keys: keys) else { return [] }
        reader.fields.apiVersion(table["apiVersion"])
        guard let onboarding = table["onboarding"] else {
            report(document.place, "neither a list of hostnames nor a mapping with the list under onboarding")
            return []
        }
        guard case .list(let records) = onboarding.content else {
            reader.fields.reject(onboarding, field: "onboarding", "must be a list")
            return []
        }
        return records
    }
}
