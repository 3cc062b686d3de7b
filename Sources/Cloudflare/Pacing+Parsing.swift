package import Foundation

extension Pacing {
    /// Reads the three headers; what cannot be read is left out, since a wrong pace must not fail a good answer.
    ///
    /// - Parameters:
    ///   - ratelimit: All values of `Ratelimit`, joined by commas.
    ///   - policy: All values of `Ratelimit-Policy`, joined by commas.
    ///   - retryAfter: `Retry-After`: seconds, or a date.
    ///   - now: The answer's own time, against which a date is counted; ours if it has none.
    package init(ratelimit: String?, policy: String?, retryAfter: String?, now: Date) {
        self.init(
            remaining: HeaderItem.list(ratelimit ?? "").compactMap { item in
                guard let calls = item.parameters["r"], let seconds = item.parameters["t"] else { return nil }
                return Remaining(name: item.name, calls: calls, resetSeconds: seconds)
            },
            policies: HeaderItem.list(policy ?? "").compactMap { item in
                guard let calls = item.parameters["q"], let seconds = item.parameters["w"] else { return nil }
                return Policy(name: item.name, calls: calls, windowSeconds: seconds)
            },
            retryAfter: retryAfter.flatMap { Self.pause($0, now: now) }
        )
    }

    /// A pause longer than a day is taken as a day: no limit of the provider lasts longer.
    package static let longestPause: Duration = .seconds(86_400)

    private static func pause(_ header: String, now: Date) -> Duration? {
        let text = header.trimmingCharacters(in: .whitespaces)
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        if isNumber { return min(Int(text).map { .seconds($0) } ?? longestPause, longestPause) }
        guard let date = HTTPDate.parse(text) else { return nil }
        let seconds = date.timeIntervalSince(now).rounded(.up)
        return min(max(.seconds(seconds), .zero), longestPause)
    }
}

/// One item of a structured-field list with whole numbers as parameters (RFC 9651, the part that is used here).
private struct HeaderItem {
    let name: String
    let parameters: [String: Int]

    static func list(_ header: String) -> [HeaderItem] {
        split(header, at: ",").compactMap { text in
            let parts = split(String(text), at: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            guard let name = parts.first?.trimmingCharacters(in: ["\""]), !name.isEmpty else { return nil }
            let parameters: [(String, Int)] = parts.dropFirst().compactMap { part in
                let pair = part.split(separator: "=", maxSplits: 1)
                guard pair.count == 2, let number = Int(pair[1]), number >= 0 else { return nil }
                return (String(pair[0]), number)
            }
            return HeaderItem(name: name, parameters: Dictionary(parameters) { _, last in last })
        }
    }

    /// Splits outside of quotes.
    private static func split(_ text: String, at separator: Character) -> [Substring] {
        var isQuoted = false
        return text.split { character in
            if character == "\"" { isQuoted.toggle() }
            return character == separator && !isQuoted
        }
    }
}
