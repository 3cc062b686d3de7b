/// A text in the exposition format of Prometheus (version 0.0.4).
struct Exposition {
    private(set) var text = ""

    /// What a number does: a gauge goes up and down, a counter only up.
    enum Kind: String {
        case gauge
        case counter
    }

    /// A number with the labels that tell it from others of its family.
    typealias Sample = (labels: [(name: String, value: String)], value: Double)

    /// Adds a family of numbers.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
            text += name + (labels.isEmpty ? "" : "{\(labels)}") + " " + Self.shown(sample.value) + "\n"
        }
    }

    /// Adds a number that is alone in its family.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        add(name, kind, help, [([], value)])
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func shown(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}
