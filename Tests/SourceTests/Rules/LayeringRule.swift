/// Who may import whom: the arrows of the design's house, and nothing past them.
enum LayeringRule {
    /// The project's own modules that each target may import.
    static let allowed: [String: Set<String>] = [
        "CLibPQ": [],
        "CLinux": [],
        "COpenSSL": [],
        "Postgres": ["CLibPQ"],
        "TLSPolicy": [],
        "JobQueue": ["Postgres"],
        "Cloudflare": ["TLSPolicy"],
        "Onboarding": ["Cloudflare", "JobQueue", "Postgres", "TLSPolicy"],
        "Dashboard": ["JobQueue", "Postgres", "TLSPolicy"],
        // Not Cloudflare: wire types in common with the client would hide a mistake in both.
        "Simulator": ["COpenSSL", "TLSPolicy"],
        "usher": [
            "CLinux", "Cloudflare", "Dashboard", "JobQueue", "Onboarding", "Postgres", "Simulator", "TLSPolicy",
        ],
    ]

    private static let forTestsOnly: Set<String> = ["TestSupport", "Testing", "XCTest"]

    static func check(_ file: SourceFile) -> [Offence] {
        guard file.isSource, let target = file.target else { return [] }
        guard let allowed = allowed[target] else {
            let remedy = "the targets are \(Self.allowed.keys.sorted().joined(separator: ", "))"
            return [Offence(path: file.path, line: nil, offence: "unknown target \(target)", remedy: remedy)]
        }
        return file.code.enumerated().compactMap { index, code in
            guard let module = DeclarationLine.importedModule(code), let remedy = remedy(target, module, allowed) else {
                return nil
            }
            return Offence(
                path: file.path,
                line: index + 1,
                offence: "\(target) imports \(module)",
                remedy: remedy
            )
        }
    }

    private static func remedy(_ target: String, _ module: String, _ allowed: Set<String>) -> String? {
        if forTestsOnly.contains(module) { return "keep what tests need under Tests" }
        if target == "TLSPolicy" { return "it decides and imports nothing: pass the value in" }
        if module == target || Self.allowed[module] == nil || allowed.contains(module) { return nil }
        return allowed.isEmpty
            ? "it may import none of our modules"
            : "of our modules it may import \(allowed.sorted().joined(separator: ", "))"
    }
}
