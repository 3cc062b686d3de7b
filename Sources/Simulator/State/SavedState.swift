package import Foundation

/// What a simulator keeps over its own end: the zone with its hostnames, what was used of the limits, alerting,
/// Access and the log.
///
/// Not kept is what the next start is told anyway: plan, switches, timings, faults and tokens. Uploaded private keys
/// are in it, since the edge needs them: the file is for its owner only.
package struct SavedState: Sendable, Codable {
    /// Why a file cannot be loaded.
    package struct Unusable: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    private static let currentVersion = 1

    private var version = Self.currentVersion
    /// The virtual time at which it was saved; the clock goes on from there.
    package let now: VirtualInstant
    fileprivate let zone: SavedZone
    fileprivate let limits: RateLimits
    fileprivate let notifications: Notifications
    fileprivate let access: AccessDirectory
    fileprivate let log: RequestLog

    fileprivate struct SavedZone: Sendable, Codable {
        var id: String
        var settings: SimulatedZone.Settings
        var settingsModified: [String: VirtualInstant]
        var fallbackOrigin: SimulatedZone.FallbackOrigin?
        var dns: DNSTable
        var hostnames: HostnameTable
        var counters: SimulatedZone.Counters
        var delegationID: String
        var random: SeededRandom
        var staleViews: [String: StaleView]
        var events: [CertificateEvent]
    }

    /// The state of a simulation at a moment.
    package init(_ simulation: Simulation, now: VirtualInstant) {
        self.now = now
        let zone = simulation.zone
        self.zone = SavedZone(
            id: zone.id,
            settings: zone.settings,
            settingsModified: zone.settingsModified,
            fallbackOrigin: zone.fallbackOrigin,
            dns: zone.dns,
            hostnames: zone.hostnames,
            counters: zone.counters,
            delegationID: zone.delegationID,
            random: zone.random,
            staleViews: zone.staleViews,
            events: zone.events
        )
        limits = simulation.limits
        notifications = simulation.notifications
        access = simulation.access
        log = simulation.log
    }

    /// Reads a file's content.
    ///
    /// - Throws: ``Unusable`` if it is no saved state, or one of another version.
    package init(reading data: Data) throws(Unusable) {
        do {
            self = try JSONDecoder().decode(SavedState.self, from: data)
        } catch {
            throw Unusable(description: "it is no saved state: \(error)")
        }
        guard version == Self.currentVersion else {
            throw Unusable(description: "it has version \(version), and this usher reads \(Self.currentVersion)")
        }
    }

    /// The file's content.
    package var data: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return try encoder.encode(self)
        }
    }

    /// Writes the file, readable for its owner only; the old one is replaced at once or not at all.
    package func write(to path: String) throws {
        let temporary = path + ".new"
        guard
            FileManager.default.createFile(
                atPath: temporary,
                contents: try data,
                attributes: [.posixPermissions: 0o600]
            )
        else { throw Unusable(description: "\(temporary) cannot be written") }
        guard rename(temporary, path) == 0 else { throw Unusable(description: "\(path) cannot be replaced") }
    }
}

extension Simulation {
    /// Takes over what was saved, in place of an empty zone.
    ///
    /// - Throws: ``SavedState/Unusable`` if it is another zone's.
    package mutating func resume(_ saved: SavedState) throws(SavedState.Unusable) {
        guard saved.zone.id == zone.id else {
            throw SavedState.Unusable(description: "it is of zone \(saved.zone.id), and this one is \(zone.id)")
        }
        zone.settings = saved.zone.settings
        zone.settingsModified = saved.zone.settingsModified
        zone.fallbackOrigin = saved.zone.fallbackOrigin
        zone.dns = saved.zone.dns
        zone.hostnames = saved.zone.hostnames
        zone.counters = saved.zone.counters
        zone.delegationID = saved.zone.delegationID
        zone.random = saved.zone.random
        zone.staleViews = saved.zone.staleViews
        zone.events = saved.zone.events
        let configuration = limits.configuration
        limits = saved.limits
        limits.configuration = configuration
        notifications = saved.notifications
        access = saved.access
        log = saved.log
    }
}
