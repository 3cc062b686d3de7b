import Foundation
import Synchronization

/// The key ring of a running worker, read again whenever its file has become another.
///
/// So keys are rotated without a worker being stopped.
package final class WorkerKeys: Sendable {
    private struct State {
        var ring: KeyRing
        var stamp: Stamp?
    }

    /// What tells a file from the one that took its place.
    private struct Stamp: Equatable {
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int
    }

    private let file: String?
    private let state: Mutex<State>

    /// Keys that stay as they are.
    package init(ring: KeyRing) {
        file = nil
        state = Mutex(State(ring: ring))
    }

    /// The keys of a file.
    package init(file: String) throws(KeyRingError) {
        let stamp = Self.stamp(of: file)
        self.file = file
        state = Mutex(State(ring: try KeyRing(file: file), stamp: stamp))
    }

    /// As last read.
    package var ring: KeyRing { state.withLock(\.ring) }

    /// Reads the file again if it has changed; true if the ids of its keys have.
    ///
    /// Throws ``KeyRingError`` of a file that cannot be used; the keys then stay as they were.
    package func refresh() throws(KeyRingError) -> Bool {
        guard let file else { return false }
        let stamp = Self.stamp(of: file)
        guard stamp != state.withLock(\.stamp) else { return false }
        let ring = try KeyRing(file: file)
        return state.withLock { state in
            defer { state = State(ring: ring, stamp: stamp) }
            return state.ring.ids != ring.ids
        }
    }

    /// The ring, looked for in the file once more if it does not hold this key.
    func ring(holding id: SealingKeyID) -> KeyRing {
        if !ring.ids.contains(id) { _ = try? refresh() }
        return ring
    }

    private static func stamp(of file: String) -> Stamp? {
        var status = stat()
        guard stat(file, &status) == 0 else { return nil }
        return Stamp(
            inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec
        )
    }
}
