/// Named facts about one thing, one a line; what is not known is left out.
struct FactList {
    private var facts: [(name: String, text: String, tone: Tone)] = []

    /// Adds a fact; `nil` and the empty text add nothing.
    mutating func add(_ name: String, _ text: String?, _ tone: Tone = .plain) {
        guard let text, !text.isEmpty else { return }
        facts.append((name, text.onOneLine, tone))
    }

    func lines(on terminal: Terminal) -> [String] {
        let width = facts.map(\.name.displayWidth).max() ?? 0
        return facts.map { fact in
            terminal.painted((fact.name + ":").padded(to: width + 2), .faint) + terminal.painted(fact.text, fact.tone)
        }
    }
}
