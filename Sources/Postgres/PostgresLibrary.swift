import CLibPQ

/// The library under this module.
package enum PostgresLibrary {
    /// Its version as libpq tells it: 150004 is 15.4.
    package static var version: Int { Int(PQlibVersion()) }
}
