package import Cloudflare

/// The course of one reading of the zone by list pages: which page is next, and when all has been seen.
///
/// The list has no stable order and its totals are not to be trusted alone, so the reading ends at an empty page, or
/// where the totals say so and as many rows have been seen. What moves between pages meanwhile comes twice or not at
/// all: rows are known by their ids, and one that was not seen counts as gone only once somebody asked for it.
package struct ZoneReading: Sendable {
    /// What to do next.
    package enum Step: Hashable, Sendable {
        case read(page: Int, perPage: Int)
        /// Not whole: the provider repeats itself, so an absence says nothing at all.
        case end(isWhole: Bool)
    }

    /// Rows a page that every provider of this API accepts; 1,000 is newer.
    package static let safePageSize = 50
    /// Pages in a row that may bring nothing new, as when many rows moved at once.
    private static let patience = 3

    package private(set) var step: Step
    /// Every id seen so far.
    package private(set) var seen: Set<String> = []
    private var perPage: Int
    private var page = 1
    private var fruitless = 0

    /// Begins a reading with pages of this size.
    package init(perPage: Int) {
        self.perPage = perPage
        step = .read(page: 1, perPage: perPage)
    }

    /// Takes in a page; answers its rows that were not seen before.
    package mutating func receive(_ answer: HostnamePage) -> [CustomHostname] {
        let fresh = answer.hostnames.filter { seen.insert($0.id).inserted }
        fruitless = fresh.isEmpty ? fruitless + 1 : 0
        let isCounted = answer.totalPages != nil
        let hasSeenAll = answer.totalCount.map { seen.count >= $0 } ?? true
        if answer.hostnames.isEmpty || isCounted && answer.isLast && hasSeenAll {
            step = .end(isWhole: true)
        } else if fruitless >= Self.patience {
            step = .end(isWhole: false)
        } else {
            // A page that was cut: from here on by its size, so that the next one begins where it ended.
            if page == 1 { perPage = min(perPage, max(answer.perPage, HostnamePage.sizes.lowerBound)) }
            page += 1
            step = .read(page: page, perPage: perPage)
        }
        return fresh
    }

    /// The first page was refused; false if that cannot have been for its size.
    package mutating func refused(_ error: CloudflareError) -> Bool {
        guard page == 1, perPage > Self.safePageSize, error.class == .rejected, error.status == 400 else {
            return false
        }
        perPage = Self.safePageSize
        step = .read(page: 1, perPage: perPage)
        return true
    }
}
