import CLinux
import Foundation

/// Images of a process's memory, which would hold whatever key is open at that moment.
package enum CoreDumps {
    /// Has the kernel write none of this process from now on, and keeps debuggers of the same user out.
    ///
    /// - Throws: ``Failure`` if the kernel refuses; a process that opens keys does not go on then.
    package static func forbid() throws(Failure) {
        let status = usher_forbid_core_dumps()
        guard status != 0 else { return }
        throw Failure("core dumps cannot be turned off: \(String(cString: strerror(status)))")
    }

    /// Whether the kernel may write one.
    package static var areAllowed: Bool { usher_is_dumpable() != 0 }
}
