import Foundation

/// The bytes of an input file, or the reason they cannot be had.
enum InputFile {
    /// Far above 100,000 rows (about 10 MB); keeps a wrong path such as `/dev/zero` from filling the memory.
    static let largest = 256 << 20

    /// The name standard input has in messages.
    static let standardInputName = "<stdin>"

    /// Reads a file, or standard input for `-`.
    static func read(_ path: String) -> Result<[UInt8], InputProblem> {
        let name = path == "-" ? standardInputName : path
        do {
            let handle = path == "-" ? .standardInput : try FileHandle(forReadingFrom: URL(filePath: path))
            let data = try handle.read(upToCount: largest + 1) ?? Data()
            guard data.count <= largest else {
                return .failure(InputProblem(file: name, place: nil, rule: "larger than \(largest >> 20) MiB"))
            }
            return .success(Array(data))
        } catch {
            return .failure(InputProblem(file: name, place: nil, rule: reason(error)))
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: return "no such file"
        case .fileReadNoPermission: return "permission denied"
        default: return "cannot be read: \(error.localizedDescription)"
        }
    }
}

extension InputProblem: Error {}
