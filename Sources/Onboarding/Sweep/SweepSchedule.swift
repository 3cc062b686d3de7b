/// When the zone is read again for those who wait.
///
/// A waiting hostname is looked at when its wait has doubled, as the provider itself does (its validation schedule
/// grows geometrically to 4 hours): about 20 readings in 7 days, each shared by all that wait. The shortest wait
/// decides.
package struct SweepSchedule: Hashable, Sendable {
    /// The first look after a write, in provider time: most certificates are issued within 1 to 3 minutes.
    package static let first: Duration = .seconds(90)
    /// While hostnames are written in a stream, a reading waits until each of its pages serves this many, or until the
    /// last one is this old (provider time): list pages then cost at most a fiftieth of the writes.
    package static let writesPerPage = 50
    package static let streamPatience: Duration = .seconds(300)
    /// How old a reading may be to write upon, in provider time.
    package static let freshness: Duration = .seconds(600)
    /// The longest pause between two readings, in provider time: the provider's own cap.
    package static let longest: Duration = .seconds(4 * 3600)

    /// The longest pause while nobody waits, in provider time: how long a change by somebody else may go unnoticed.
    package static let watch: Duration = .seconds(3600)

    /// The pause until the next reading, in provider time.
    ///
    /// - Parameter youngestWait: How long the hostname that was written last has waited.
    package static func pause(youngestWait: Duration) -> Duration {
        min(max(youngestWait, first), longest)
    }
}
