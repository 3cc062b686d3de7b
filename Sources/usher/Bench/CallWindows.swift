/// The provider's own log of calls, looked at through windows of every phase.
package struct CallWindows: Sendable {
    /// One call that the provider let in.
    package struct Call: Sendable {
        package var at: Double
        package var isForeign: Bool

        package init(at: Double, isForeign: Bool) {
            self.at = at
            self.isForeign = isForeign
        }
    }

    /// In seconds of the provider's time, oldest first.
    private let calls: [Call]
    private let window: Double
    private let limit: Int

    package init(_ calls: [Call], window: Double, limit: Int) {
        self.calls = calls
        self.window = window
        self.limit = limit
    }

    /// What one window held.
    package struct Share: Hashable, Sendable {
        package var ours: Int
        package var foreign: Int
        /// Of what the limit leaves beside the foreign calls.
        package var utilisation: Double
    }

    /// The window with the least use among those that begin and end within the stretch; `nil` if none fits.
    ///
    /// They begin a hundredth of a window after one another.
    package func worst(from start: Double, to end: Double) -> Share? {
        var worst: Share?
        var begin = start
        while begin + window <= end {
            let share = share(from: begin)
            if share.utilisation < worst?.utilisation ?? .infinity { worst = share }
            begin += window / 100
        }
        return worst
    }

    /// The most calls that any window held, ours and foreign.
    package func most() -> Int {
        var first = 0
        return calls.indices.reduce(into: 0) { most, last in
            while calls[first].at <= calls[last].at - window { first += 1 }
            most = max(most, last - first + 1)
        }
    }

    private func share(from begin: Double) -> Share {
        let inside = calls.lazy.filter { $0.at >= begin && $0.at < begin + window }
        let foreign = inside.count { $0.isForeign }
        let ours = inside.count - foreign
        return Share(ours: ours, foreign: foreign, utilisation: Double(ours) / Double(max(1, limit - foreign)))
    }
}
