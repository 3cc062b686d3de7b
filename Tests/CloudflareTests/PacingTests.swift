import Cloudflare
import Foundation
import Testing

struct PacingTests {
    /// 1994-11-06 08:49:37 UTC, the date of RFC 9110's examples.
    private let now = Date(timeIntervalSince1970: 784_111_777)

    private func pacing(limit: String? = nil, policy: String? = nil, retry: String? = nil) -> Pacing {
        Pacing(ratelimit: limit, policy: policy, retryAfter: retry, now: now)
    }

    @Test func `the documented headers are read`() {
        let pacing = pacing(limit: #""default";r=50;t=30"#, policy: #""burst";q=1200;w=300"#, retry: "30")
        #expect(pacing.remaining == [.init(name: "default", calls: 50, resetSeconds: 30)])
        #expect(pacing.policies == [.init(name: "burst", calls: 1_200, windowSeconds: 300)])
        #expect(pacing.retryAfter == .seconds(30))
    }

    @Test func `of a list the limit with the fewest calls left is the tightest`() {
        let pacing = pacing(limit: #""a, b;c" ; r=9 ; t=1 , burst;t=7;r=2,"day";r=400;t=86400"#)
        #expect(pacing.remaining.map(\.name) == ["a, b;c", "burst", "day"])
        #expect(pacing.tightest == .init(name: "burst", calls: 2, resetSeconds: 7))
    }

    @Test(arguments: ["", ",", ";", "\"", #""default""#, #""x";r=;t=1"#, #""x";r=-1;t=1"#, "x;r=1e9;t=a", "=;=;="])
    func `garbage is left out`(_ header: String) {
        #expect(pacing(limit: header, policy: header, retry: header) == Pacing())
    }

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:50:37 GMT", "Sunday, 06-Nov-94 08:50:37 GMT", "Sun Nov  6 08:50:37 1994",
    ])
    func `a date of each HTTP form is counted from now`(_ date: String) {
        #expect(pacing(retry: date).retryAfter == .seconds(60))
    }

    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:00:00 GMT", Duration.zero), ("0", .zero), (" 7 ", .seconds(7)),
        ("99999999999999999999999", Pacing.longestPause), ("Fri, 31 Dec 9999 23:59:59 GMT", Pacing.longestPause),
    ])
    func `a pause is never negative and never longer than a day`(_ header: String, _ pause: Duration) {
        #expect(pacing(retry: header).retryAfter == pause)
    }

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:50:37", "Sun, 32 Nov 1994 08:50:37 GMT", "Sun, 06 Foo 1994 08:50:37 GMT",
        "Sun, 06 Nov 1994 25:50:37 GMT", "-5", "1.5", "soon",
    ])
    func `a malformed date or number is no pause`(_ header: String) {
        #expect(pacing(retry: header).retryAfter == nil)
    }

    @Test(arguments: [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600),
        ("Wed, 31 Dec 2025 23:59:59 GMT", 1_767_225_599), ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200),
    ])
    func `dates are counted by the calendar`(_ date: String, _ seconds: Double) {
        let before = Date(timeIntervalSince1970: seconds - 90)
        #expect(Pacing(ratelimit: nil, policy: nil, retryAfter: date, now: before).retryAfter == .seconds(90))
    }
}
