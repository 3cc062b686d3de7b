/// Decides when a worker with free slots asks to be called, and when it looks again by itself.
///
/// Whoever queues work reads whether somebody sleeps before it commits, so a worker that lies down between the reading
/// and the commit is not called. It looks again at once, and twice more a little later, which is when such work shows.
package struct SleepSchedule {
    /// What to do after a claim.
    package enum Action: Equatable {
        case nothing
        /// Ask to be called; then look again.
        case sleep
        case look(after: Duration)
        /// Ask again to be called: another worker may have taken it back.
        case sleepOn
        /// All slots are taken: no calls, please.
        case rise
    }

    private static let laterLooks: [Duration] = [.milliseconds(5), .milliseconds(20)]
    private var looks = 0
    private var isAsleep = false

    /// A worker that has not looked yet.
    package init() {}

    /// A claim asked for so many jobs and got so many.
    package mutating func claimed(_ count: Int, of wanted: Int) -> Action {
        if count >= wanted {
            defer { isAsleep = false }
            looks = 0
            return isAsleep ? .rise : .nothing
        }
        if count > 0 { looks = 0 }
        defer { looks += 1 }
        isAsleep = true
        if looks == 0 { return .sleep }
        return looks <= Self.laterLooks.count ? .look(after: Self.laterLooks[looks - 1]) : .sleepOn
    }
}
