/// Reads the one document of a YAML or JSON file, strictly: what is unknown, missing or wrong is told with its place.
protocol StrictDocument {
    var fields: FieldReader { get set }

    init(file: String)

    mutating func read(_ root: InputValue)
}

extension StrictDocument {
    /// Reads a file, or standard input for `-`.
    static func reading(_ path: String) -> Self {
        switch InputFile.read(path) {
        case .success(let bytes):
            return parsing(bytes, file: path == "-" ? InputFile.standardInputName : path)
        case .failure(let problem):
            var reader = Self(file: problem.file)
            reader.fields.problems.report(at: nil, problem.rule)
            return reader
        }
    }

    /// Reads the contents of a file; `file` is the name used in messages.
    static func parsing(_ bytes: [UInt8], file: String) -> Self {
        var reader = Self(file: file)
        do throws(YAMLReader.Malformed) {
            reader.read(try YAMLReader.read(bytes))
        } catch {
            reader.fields.problems.report(at: error.place, error.rule)
        }
        return reader
    }
}
