/// Who may use which of a pool's places; the decisions of `PostgresPool`, as a value.
///
/// A place is the right to one connection. Who gets a place without a connection makes one.
struct PoolState<Connection> {
    typealias WaiterID = Int

    /// What a caller who wants a place is told.
    enum Request {
        case use(Connection)
        case connect
        case wait
        case closed
    }

    /// Who gets a place that was given back.
    enum Handover {
        case nobody
        /// The waiter, with the connection if it is whole.
        case to(WaiterID, Connection?)
    }

    private let size: Int
    private var idle: [Connection] = []
    private var inUse = 0
    private var waiters: [WaiterID] = []
    private var isClosed = false

    init(size: Int) {
        self.size = max(1, size)
    }

    mutating func request(_ waiter: WaiterID) -> Request {
        if isClosed { return .closed }
        guard inUse < size else {
            waiters.append(waiter)
            return .wait
        }
        inUse += 1
        // The one used last: the server's caches for it are warm.
        return idle.popLast().map(Request.use) ?? .connect
    }

    /// Takes a place back, with its connection unless that was lost; first come, first served.
    mutating func giveBack(_ connection: Connection?) -> Handover {
        if !waiters.isEmpty { return .to(waiters.removeFirst(), connection) }
        inUse -= 1
        if let connection, !isClosed { idle.append(connection) }
        return .nobody
    }

    /// Forgets a waiter that has run out of patience.
    mutating func leave(_ waiter: WaiterID) {
        waiters.removeAll { $0 == waiter }
    }

    /// Refuses new callers, drops the connections at rest and returns the waiters to send away.
    mutating func close() -> [WaiterID] {
        isClosed = true
        idle = []
        defer { waiters = [] }
        return waiters
    }
}
