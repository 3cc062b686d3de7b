/// How many tests with a database run at once.
///
/// Swift Testing begins all tests together, and hundreds of pools and workers on two cores would make every test a test
/// of the scheduler. A time limit counts the wait for a slot too, and so is one of many minutes: it ends what hangs.
actor TestSlots {
    static let shared = TestSlots(count: 16)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(count: Int) {
        free = count
    }

    /// Returns when a slot is free, first come, first served.
    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    /// Hands the slot to who has waited longest.
    func release() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}
