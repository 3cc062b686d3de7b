import Foundation

/// The configuration file: YAML, and therefore JSON too, with strict keys.
enum SettingsFile {
    private static let defaultPath = "usher.yaml"

    /// Reads a file; without a name `./usher.yaml` if there is one.
    static func values(named path: String?) throws(Failure) -> [Setting: String] {
        guard let path = path ?? existingDefault else { return [:] }
        switch InputFile.read(path) {
        case .success(let bytes): return try parse(bytes, file: path)
        case .failure(let problem): throw failure([problem.description], file: path)
        }
    }

    /// Reads the contents of a file; `file` is the name used in messages.
    static func parse(_ bytes: [UInt8], file: String) throws(Failure) -> [Setting: String] {
        var fields = FieldReader(problems: InputProblems(file: file))
        var values: [Setting: String] = [:]
        do throws(YAMLReader.Malformed) {
            values = read(try YAMLReader.read(bytes), with: &fields)
        } catch {
            fields.problems.report(at: error.place, error.rule)
        }
        if fields.problems.isEmpty { return values }
        throw failure(fields.problems.first.map(\.description), file: file)
    }

    private static var existingDefault: String? {
        FileManager.default.fileExists(atPath: defaultPath) ? defaultPath : nil
    }

    /// The settings of the top level and of the tables in it; each key's rawValue is its path.
    private static func read(_ root: InputValue, with fields: inout FieldReader) -> [Setting: String] {
        let allowed = Setting.allCases.filter(\.isAllowedInFile)
        let paths = allowed.map { $0.rawValue.split(separator: ".").map(String.init) }
        guard let top = fields.table(root, field: "", keys: paths.compactMap(\.first).uniqued) else { return [:] }
        var tables: [String: FieldReader.Table] = [:]
        for name in paths.filter({ $0.count == 2 }).map({ $0[0] }).uniqued {
            let keys = paths.filter { $0.count == 2 && $0[0] == name }.map { $0[1] }
            if let value = top[name] { tables[name] = fields.table(value, field: name, keys: keys) }
        }
        var values: [Setting: String] = [:]
        for (setting, path) in zip(allowed, paths) {
            let value = path.count == 1 ? top[path[0]] : tables[path[0]]?[path[1]]
            values[setting] = fields.text(value, field: setting.rawValue)
        }
        return values
    }

    private static func failure(_ problems: [String], file: String) -> Failure {
        Failure("the configuration file \(file) is wrong", details: problems, status: .badConfiguration)
    }
}

extension [String] {
    /// The elements without repetition, in the order of their first appearance.
    fileprivate var uniqued: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
