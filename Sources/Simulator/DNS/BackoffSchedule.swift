import Foundation

/// When the provider tries a validation: once soon, then after growing delays.
///
/// Source: the provider's page on the backoff schedule, whose table the formula reproduces: delay n, from 0, is
/// floor(60·1.05ⁿ) seconds for n below 10 and floor(60·1.15ⁿ) from there, never above four hours; 75 delays are a week.
package enum BackoffSchedule {
    /// Documented retries of a hostname's validation; a certificate's go on at the longest delay.
    package static let retries = 75
    package static let longestDelaySeconds: Double = 4 * 3_600

    /// Seconds between try n and the next one, n from 0.
    package static func delaySeconds(after n: Int) -> Double {
        min((60 * pow(n < 10 ? 1.05 : 1.15, Double(n))).rounded(.down), longestDelaySeconds)
    }

    /// Seconds from the first try to try n, n from 0.
    package static func offsetSeconds(of n: Int) -> Double {
        if n < offsets.count { return offsets[n] }
        return offsets[retries] + Double(n - retries) * longestDelaySeconds
    }

    private static let offsets: [Double] = (0..<retries).reduce(into: [0]) { sums, n in
        sums.append(sums[n] + delaySeconds(after: n))
    }
}
