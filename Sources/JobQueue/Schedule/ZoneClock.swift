package import Foundation

/// The wall clock of a time zone, and which instant it means by a time.
package struct ZoneClock: Sendable {
    /// How far the clock is ahead of UTC, in seconds, at an instant in seconds since 1970.
    let offset: @Sendable (Int64) -> Int

    package init(offset: @escaping @Sendable (Int64) -> Int) {
        self.offset = offset
    }

    package init(_ zone: TimeZone) {
        self.init { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0))) }
    }

    /// The clock of a zone by its IANA name; `nil` if this machine does not know it.
    package init?(named name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        self.init(zone)
    }

    /// When the clock shows a time, given as the seconds since 1970 that it would be in UTC.
    ///
    /// Of a time that comes twice the first; for one that is left out, the instant at which the clock jumps over it.
    func instant(wall: Int64) -> Int64 {
        let offsets = [offset(wall - 86_400), offset(wall + 86_400)].sorted()
        let early = wall - Int64(offsets[1])
        if offset(early) == offsets[1] { return early }
        let late = wall - Int64(offsets[0])
        if offset(late) == offsets[0] { return late }
        return change(after: early, until: late)
    }

    /// The first instant with another offset than at `before`.
    private func change(after before: Int64, until: Int64) -> Int64 {
        let old = offset(before)
        var (low, high) = (before, until)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(middle) == old { low = middle } else { high = middle }
        }
        return high
    }
}
