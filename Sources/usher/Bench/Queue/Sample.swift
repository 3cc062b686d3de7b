/// Measured values of one kind, in one unit.
package struct Sample: Sendable {
    private let sorted: [Double]

    package init(_ values: some Sequence<Double>) {
        sorted = values.sorted()
    }

    package var count: Int { sorted.count }
    package var largest: Double { sorted.last ?? 0 }

    /// The middle value, of an even number the mean of the two; 0 of none.
    package var median: Double {
        guard !sorted.isEmpty else { return 0 }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    /// The smallest value that at least so many per cent of all do not exceed (nearest rank); 0 of none.
    package func percentile(_ percent: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((percent / 100 * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}

extension Double {
    /// With so many places behind the point.
    func rounded(places: Int) -> Double {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        return (self * scale).rounded() / scale
    }

    /// Without places, grouped: `48,112`.
    var wholeAndGrouped: String { Int(rounded()).grouped }
}
