/// Something that goes wrong with one call.
package enum Fault: Hashable, Sendable {
    /// How a 429 says when to come back.
    package enum RetryAfter: Hashable, Sendable {
        case absent
        /// Seconds of the client's time, as the header counts them.
        case seconds(Int)
        /// The same as an HTTP date (RFC 9110 section 10.2.3).
        case date(inSeconds: Int)
    }

    /// 429 with code 971; nothing is done.
    case throttled(RetryAfter)
    /// 500 with code 1500; nothing is done.
    case internalError
    /// 502 with a page of HTML, as a gateway sends it; nothing is done.
    case badGateway
    /// 409 with code 1439; nothing is done.
    case notModifiable
    /// The connection is closed without an answer; nothing is done.
    case closedBeforeCommit
    /// The connection is closed without an answer; what was asked for is done.
    case replyLost
    /// The answer comes so many virtual seconds late.
    case slow(seconds: Double)
    /// The answer carries a `status` that no document lists.
    case unknownStatus(String)
    /// A write is answered with success, but this key of `ssl.settings` did not take.
    case ignoredSetting(String)
    /// A write is answered with success, but reads show the old state for so many virtual seconds.
    case staleReads(seconds: Double)

    /// A short name for logs and scripts.
    package var name: String {
        switch self {
        case .throttled: "throttled"
        case .internalError: "internal_error"
        case .badGateway: "bad_gateway"
        case .notModifiable: "not_modifiable"
        case .closedBeforeCommit: "closed_before_commit"
        case .replyLost: "reply_lost"
        case .slow: "slow"
        case .unknownStatus: "unknown_status"
        case .ignoredSetting: "ignored_setting"
        case .staleReads: "stale_reads"
        }
    }

    /// True if the fault means something for calls that only read.
    var appliesToReads: Bool {
        switch self {
        case .notModifiable, .ignoredSetting, .staleReads: false
        case .throttled, .internalError, .badGateway, .closedBeforeCommit, .replyLost, .slow, .unknownStatus: true
        }
    }

    /// What a write that goes through does wrong.
    var distortion: WriteDistortion {
        switch self {
        case .ignoredSetting(let key): WriteDistortion(ignoredSetting: key)
        case .staleReads(let seconds): WriteDistortion(staleSeconds: seconds)
        default: WriteDistortion()
        }
    }
}
