/// Every call to the API, as the provider saw it: never a body, a token or a key.
package struct RequestLog: Sendable, Codable {
    /// One call.
    package struct Entry: Hashable, Sendable, Codable {
        /// 1 for the first call.
        package var number: Int
        package var at: VirtualInstant
        package var method: String
        package var operation: APIOperation
        /// The id of the token, which may be shown; `nil` if there was none that is known.
        package var token: String?
        /// The `cf-ray` of the answer.
        package var ray: String
        /// The hostname the call was about, where that is known.
        package var hostname: String?
        /// `nil` if the connection was closed without an answer.
        package var status: Int?
        /// The first error code of the answer.
        package var code: Int?
        package var fault: Fault?
        /// True for an edit that asked for what was there already.
        package var isEqualPatch: Bool
    }

    /// The newest calls, oldest first; at most `capacity` of them.
    package private(set) var entries: [Entry] = []
    /// All calls ever, by operation.
    package private(set) var totals: [APIOperation: Int] = [:]
    /// All answers ever, by HTTP status.
    package private(set) var statuses: [Int: Int] = [:]
    /// Calls kept in `entries`.
    package let capacity: Int

    /// An empty log.
    package init(capacity: Int = 200_000) {
        self.capacity = capacity
    }

    /// All calls ever.
    package var total: Int { totals.values.reduce(0, +) }

    /// Calls among `entries` that fit every condition given.
    package func count(
        _ operation: APIOperation? = nil,
        hostname: String? = nil,
        status: Int? = nil,
        isEqualPatch: Bool? = nil
    ) -> Int {
        entries.count { entry in
            (operation == nil || entry.operation == operation) && (hostname == nil || entry.hostname == hostname)
                && (status == nil || entry.status == status)
                && (isEqualPatch == nil || entry.isEqualPatch == isEqualPatch)
        }
    }

    mutating func append(_ entry: Entry) {
        totals[entry.operation, default: 0] += 1
        if let status = entry.status { statuses[status, default: 0] += 1 }
        // Dropping a half at once keeps the cost of a call constant on average.
        if entries.count >= capacity { entries.removeFirst(entries.count - capacity / 2) }
        entries.append(entry)
    }
}

extension RequestLog.Entry {
    /// The entry for a reader outside the process.
    package var wire: APIValue {
        .members([
            "number": .integer(number),
            "at": .string(at.rfc3339),
            "method": .string(method),
            "operation": .string(operation.rawValue),
            "token": token.map(APIValue.string),
            "ray": .string(ray),
            "hostname": hostname.map(APIValue.string),
            "status": status.map(APIValue.integer),
            "code": code.map(APIValue.integer),
            "fault": fault.map { .string($0.name) },
            "equal_patch": isEqualPatch ? true : nil,
        ])
    }
}
