/// The candidate a mistyped word was most likely meant to be, or `nil` if none is near.
///
/// Near means at most a third of the letters edited; case does not count.
func suggestion<Candidates: Sequence<String>>(for word: String, among candidates: Candidates) -> String? {
    let letters = Array(word.lowercased().utf8.prefix(100))
    let ranked = candidates.map { (name: $0, distance: editDistance(letters, Array($0.lowercased().utf8))) }
    guard let best = ranked.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else { return nil }
    return best.distance <= max(1, best.name.utf8.count / 3) ? best.name : nil
}

/// Levenshtein's distance, one row of the matrix at a time.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (line, letter) in left.enumerated() {
        var diagonal = row[0]
        row[0] = line + 1
        for (column, other) in right.enumerated() {
            let substituted = diagonal + (letter == other ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(substituted, diagonal + 1, row[column] + 1)
        }
    }
    return row[right.count]
}
