/// Lends strings to C as an array of pointers that live as long as the call; `nil` becomes a null pointer.
///
/// All bytes lie in one block: one allocation, however many strings there are.
func withCStrings<Value>(_ strings: [String?], _ body: ([UnsafePointer<CChar>?]) -> Value) -> Value {
    var bytes: [UInt8] = []
    let offsets = strings.map { string -> Int? in
        guard let string else { return nil }
        defer {
            bytes.append(contentsOf: string.utf8)
            bytes.append(0)
        }
        return bytes.count
    }
    return bytes.withUnsafeBufferPointer { block in
        block.withMemoryRebound(to: CChar.self) { block in
            body(offsets.map { offset in offset.flatMap { block.baseAddress?.advanced(by: $0) } })
        }
    }
}
