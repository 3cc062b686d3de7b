/// What lies where: a small top level, and only sources among the sources.
enum LayoutRule {
    private static let topLevel: Set<String> = [
        "Package.resolved", "Package.swift", "README.md", "Sources", "Tests", "jobs", "migrations",
    ]
    /// Swift, the C module's header and map, articles, and what the dashboard serves.
    private static let sourceKinds: Set<String> = ["css", "h", "js", "md", "modulemap", "mustache", "svg", "swift"]
    private static let testKinds: Set<String> = ["csv", "json", "pem", "py", "swift", "txt"]

    /// Checks the names in the repository's root; dotfiles are free.
    static func topLevel(_ names: [String]) -> [Offence] {
        names.filter { !$0.hasPrefix(".") && !topLevel.contains($0) }.map { name in
            Offence(
                path: name,
                line: nil,
                offence: "not of the top level",
                remedy: "it holds \(topLevel.sorted().joined(separator: ", ")) and dotfiles"
            )
        }
    }

    /// Checks the paths of the files below Sources and Tests.
    static func kinds(_ paths: [String]) -> [Offence] {
        paths.compactMap { path in
            let name = path.split(separator: "/").last ?? ""
            let kinds = path.hasPrefix("Sources/") ? sourceKinds : testKinds
            let kind = name.split(separator: ".").dropFirst().last.map(String.init)
            guard let kind, !kinds.contains(kind) else { return nil }
            let remedy = "keep only \(kinds.sorted().joined(separator: ", ")) there"
            return Offence(path: path, line: nil, offence: "a .\(kind) file", remedy: remedy)
        }
    }
}
