/// Something that goes wrong with one call.
package enum Fault: Hashable, Sendable, Codable {
    /// How a 429 says when to come back.
    package enum RetryAfter: Hashable, Sendable, Codable {
        case absent
        /// Seconds of the client's time, as the header counts them.
        case seconds(Int)
        /// The same as an HTTP date (RFC 9110 section 10.2.3).
        case date(inSeconds: Int)
    }

    // Instead of doing what was asked for:

    /// 429 with code 971.
    case throttled(RetryAfter)
    /// 500 with code 1500.
    case internalError
    /// 403 with code 10000, as when the provider cannot tell any more who may do what.
    case forbidden
    /// 502 with a page of HTML, as a gateway sends it.
    case badGateway
    /// A gateway's page with any status.
    case gateway(status: Int)
    /// 307 to another address.
    case redirect(String)
    /// 409 with code 1439.
    case notModifiable
    /// 400 with code 1434, whose text quotes all that was sent.
    case echoed
    /// The connection is closed without an answer.
    case closedBeforeCommit
    /// The connection is reset without an answer.
    case connectionReset

    // To the answer, after what was asked for is done:

    /// The connection is closed without an answer.
    case replyLost
    /// The answer comes so many virtual seconds late.
    case slow(seconds: Double)
    /// The head of the answer comes at once, the body dribbles for so many virtual seconds.
    case slowBody(seconds: Double)
    /// The body ends in the middle.
    case truncated
    /// The body is padded to so many bytes; it is still right.
    case huge(bytes: Int)
    /// A success is answered with this status, whatever the documents say.
    case successStatus(Int)
    /// The answer carries a `status` that no document lists.
    case unknownStatus(String)
    /// Objects of the answer have members that no document lists.
    case extraFields
    /// What an object of the answer could have and does not is there as null, and texts that are `""` are null.
    case nulls
    /// Entries of `messages` are objects where strings are documented, and the other way round.
    case otherMessages

    // To a write, which is answered with success:

    /// This key of `ssl.settings` did not take.
    case ignoredSetting(String)
    /// Reads show the old state for so many virtual seconds.
    case staleReads(seconds: Double)

    /// A short name for logs and scripts.
    package var name: String {
        switch self {
        case .throttled: "throttled"
        case .internalError: "internal_error"
        case .forbidden: "forbidden"
        case .badGateway: "bad_gateway"
        case .gateway: "gateway"
        case .redirect: "redirect"
        case .notModifiable: "not_modifiable"
        case .echoed: "echoed"
        case .closedBeforeCommit: "closed_before_commit"
        case .connectionReset: "connection_reset"
        case .replyLost: "reply_lost"
        case .slow: "slow"
        case .slowBody: "slow_body"
        case .truncated: "truncated"
        case .huge: "huge"
        case .successStatus: "success_status"
        case .unknownStatus: "unknown_status"
        case .extraFields: "extra_fields"
        case .nulls: "nulls"
        case .otherMessages: "other_messages"
        case .ignoredSetting: "ignored_setting"
        case .staleReads: "stale_reads"
        }
    }

    /// True if the fault means something for calls that only read.
    var appliesToReads: Bool {
        switch self {
        case .notModifiable, .ignoredSetting, .staleReads: false
        default: true
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

    /// How the connection ends if it ends without an answer before anything was done.
    var hangUp: APIAnswer.HangUp? {
        switch self {
        case .closedBeforeCommit: .close
        case .connectionReset: .reset
        default: nil
        }
    }
}
