/// A zone's hostnames by id, in the order of their creation, each name once.
package struct HostnameTable: Sendable, Codable {
    private var byID: [String: SimulatedHostname] = [:]
    private var idByName: [String: String] = [:]
    private var order: [String] = []

    /// The number of hostnames, whatever their state.
    package var count: Int { order.count }

    /// All hostnames in the order of their creation.
    package var all: [SimulatedHostname] { order.compactMap { byID[$0] } }

    package subscript(id id: String) -> SimulatedHostname? { byID[id] }

    package subscript(name name: String) -> SimulatedHostname? { idByName[name].flatMap { byID[$0] } }

    mutating func insert(_ hostname: SimulatedHostname) {
        byID[hostname.id] = hostname
        idByName[hostname.name] = hostname.id
        order.append(hostname.id)
    }

    mutating func replace(_ hostname: SimulatedHostname) {
        byID[hostname.id] = hostname
    }

    mutating func remove(id: String) {
        guard let hostname = byID.removeValue(forKey: id) else { return }
        idByName[hostname.name] = nil
        order.removeAll { $0 == id }
    }
}
