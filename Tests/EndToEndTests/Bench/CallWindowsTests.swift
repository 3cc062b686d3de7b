import Testing
import usher

struct CallWindowsTests {
    /// One call a second, for so long.
    private func steady(_ seconds: Int) -> [CallWindows.Call] {
        (0..<seconds).map { .init(at: Double($0), isForeign: false) }
    }

    @Test func `the worst window is found in whatever phase it lies`() {
        let gap = steady(300).filter { $0.at < 130 || $0.at >= 150 }
        let windows = CallWindows(gap, window: 50, limit: 50)
        #expect(windows.worst(from: 50, to: 300)?.ours == 30)
        #expect(windows.worst(from: 160, to: 300)?.utilisation == 1)
        #expect(windows.worst(from: 280, to: 300) == nil)
    }

    @Test func `another program's calls are no use of ours, and leave less to be used`() {
        let foreign = (0..<300).map { CallWindows.Call(at: Double($0) + 0.5, isForeign: $0.isMultiple(of: 2)) }
        let windows = CallWindows(foreign, window: 50, limit: 100)
        let worst = windows.worst(from: 50, to: 300)
        #expect(worst?.ours == 25 && worst?.foreign == 25)
        #expect(worst?.utilisation == 25.0 / 75)
    }

    @Test func `the fullest window is counted from call to call`() {
        let burst = steady(100) + (0..<7).map { .init(at: 99 + Double($0) / 10, isForeign: true) }
        #expect(CallWindows(burst, window: 10, limit: 50).most() == 17)
        #expect(CallWindows([], window: 10, limit: 50).most() == 0)
    }
}
