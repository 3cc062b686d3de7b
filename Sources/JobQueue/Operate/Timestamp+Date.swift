package import Foundation
package import Postgres

extension Timestamp {
    /// The same instant for what is shown to people; microseconds may be rounded.
    package var date: Date { Date(timeIntervalSince1970: epochSeconds) }
}

extension Date {
    /// The same instant for the database, to the microsecond.
    package var timestamp: Timestamp { Timestamp(epochSeconds: timeIntervalSince1970) }
}
