/// Every problem of one input file: the first ones in full, all of them counted.
///
/// A file of 100,000 rows with a wrong column has 100,000 problems; a person reads the first few.
package struct InputProblems: Hashable, Sendable {
    /// How many problems are kept in full.
    package static let kept = 50

    package let file: String
    /// The first ``kept`` problems, in the order they were found.
    package private(set) var first: [InputProblem] = []
    /// All problems, those not kept included.
    package private(set) var count = 0

    package var isEmpty: Bool { count == 0 }

    package init(file: String) {
        self.file = file
    }

    /// Adds a problem.
    package mutating func report(
        at place: InputPlace?,
        field: String? = nil,
        value: String? = nil,
        _ rule: String
    ) {
        count += 1
        guard first.count < Self.kept else { return }
        first.append(InputProblem(file: file, place: place, field: field, value: value, rule: rule))
    }
}

extension InputProblems: CustomStringConvertible {
    /// One line for each kept problem, and one for the rest.
    package var description: String {
        let lines = first.map(\.description)
        let rest = count - first.count
        return (rest == 0 ? lines : lines + ["\(file): and \(rest) more"]).joined(separator: "\n")
    }
}
