/// Attempts, each from its claim to its end by the database's clock, looked at for how many ran at once.
package struct RunningIntervals: Sendable {
    /// One attempt, in microseconds.
    package struct Attempt: Sendable {
        package var tenant: Int
        package var start: Int64
        package var end: Int64

        package init(tenant: Int, start: Int64, end: Int64) {
            self.tenant = tenant
            self.start = start
            self.end = end
        }
    }

    /// Most attempts of one tenant at once.
    package private(set) var most = 0
    /// Attempts that began while their tenant's limit was used up.
    package private(set) var violations = 0

    /// A slot is free again at the moment the attempt that held it ends.
    package init(_ attempts: [Attempt], limit: Int) {
        for (_, attempts) in Dictionary(grouping: attempts, by: \.tenant) {
            let ends = attempts.map(\.end).sorted()
            var ended = 0
            for (begun, start) in attempts.map(\.start).sorted().enumerated() {
                while ended < ends.count && ends[ended] <= start { ended += 1 }
                let running = begun + 1 - ended
                most = max(most, running)
                if running > limit { violations += 1 }
            }
        }
    }
}
