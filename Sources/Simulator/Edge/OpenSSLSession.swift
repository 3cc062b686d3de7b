import COpenSSL

/// The server's side of one TLS connection by OpenSSL, over bytes in memory: the one file that talks to the C library.
///
/// It can do one suite of TLS 1.2 with one certificate. Its context is made for the one connection: few clients come
/// this way, and nothing is shared between threads.
struct OpenSSLSession: ~Copyable {
    /// All that a session starts from.
    struct Settings: Sendable {
        /// OpenSSL's name.
        var suite: String
        var identity: EdgeIdentities.Identity
        /// Asks for a certificate, and takes any or none: what it is worth is judged later.
        var asksForCertificate: Bool
    }

    /// The library refused a certificate, a key or a suite.
    struct Unusable: Error, Hashable, Sendable {
        var what: String
    }

    /// How a step ended.
    enum Outcome: Hashable, Sendable {
        case done
        /// The client has to send more.
        case wantsMore
        /// The client is leaving, or something is wrong with what it sent.
        case over
    }

    private let context: OpaquePointer
    private let session: OpaquePointer
    // Both belong to the session.
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    init(_ settings: Settings) throws(Unusable) {
        guard let context = SSL_CTX_new(TLS_server_method()) else { throw Unusable(what: "context") }
        do throws(Unusable) {
            try Self.prepare(context, settings)
            guard let session = SSL_new(context) else { throw Unusable(what: "session") }
            guard let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
                SSL_free(session)
                throw Unusable(what: "memory")
            }
            SSL_set_bio(session, incoming, outgoing)
            SSL_set_accept_state(session)
            self.context = context
            self.session = session
            self.incoming = incoming
            self.outgoing = outgoing
        } catch {
            SSL_CTX_free(context)
            throw error
        }
    }

    deinit {
        SSL_free(session)
        SSL_CTX_free(context)
    }

    private static func prepare(_ context: OpaquePointer, _ settings: Settings) throws(Unusable) {
        usher_forget_sessions(context)
        guard usher_set_version(context, TLS1_2_VERSION) == 1 else { throw Unusable(what: "version") }
        guard SSL_CTX_set_cipher_list(context, settings.suite + ":@SECLEVEL=0") == 1 else {
            throw Unusable(what: settings.suite)
        }
        try setCertificate(context, settings.identity)
        if settings.asksForCertificate { SSL_CTX_set_verify(context, SSL_VERIFY_PEER) { _, _ in 1 } }
    }

    private static func setCertificate(
        _ context: OpaquePointer,
        _ identity: EdgeIdentities.Identity
    ) throws(Unusable) {
        var chain = certificates(identity.chainPEM)[...]
        guard let leaf = chain.popFirst() else { throw Unusable(what: "certificate") }
        defer { X509_free(leaf) }
        guard SSL_CTX_use_certificate(context, leaf) == 1 else { throw Unusable(what: "certificate") }
        for certificate in chain where usher_add_chain(context, certificate) != 1 { X509_free(certificate) }
        let key = withPEM(identity.keyPEM) { PEM_read_bio_PrivateKey($0, nil, nil, nil) }
        guard let key else { throw Unusable(what: "key") }
        defer { EVP_PKEY_free(key) }
        guard SSL_CTX_use_PrivateKey(context, key) == 1 else { throw Unusable(what: "key") }
    }

    private static func certificates(_ pem: String) -> [OpaquePointer] {
        withPEM(pem) { text in
            var certificates: [OpaquePointer] = []
            while let certificate = PEM_read_bio_X509(text, nil, nil, nil) { certificates.append(certificate) }
            // The end of the text is reported as an error.
            ERR_clear_error()
            return certificates
        }
    }

    private static func withPEM<Result>(_ pem: String, _ read: (OpaquePointer?) -> Result) -> Result {
        let bytes = Array(pem.utf8)
        return bytes.withUnsafeBytes { bytes in
            let text = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
            defer { BIO_free(text) }
            return read(text)
        }
    }
}

// MARK: - Steps

extension OpenSSLSession {
    private static let chunk = 16_384

    /// Takes what the client sent.
    func feed(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { _ = BIO_write(incoming, $0.baseAddress, Int32($0.count)) }
    }

    /// What is to be sent to the client.
    func drain() -> [UInt8] {
        let count = Int(BIO_ctrl(outgoing, BIO_CTRL_PENDING, 0, nil))
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, Int(BIO_read(outgoing, buffer.baseAddress, Int32(count))))
        }
    }

    /// Goes on with the handshake.
    func shakeHands() -> Outcome { outcome { SSL_do_handshake(session) } }

    /// Reads what the client said, all there is of it.
    func read() -> (bytes: [UInt8], Outcome) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Self.chunk)
        while true {
            var count: Int32 = 0
            let outcome = outcome {
                count = buffer.withUnsafeMutableBytes { SSL_read(session, $0.baseAddress, Int32($0.count)) }
                return count
            }
            guard outcome == .done else { return (bytes, outcome) }
            bytes += buffer.prefix(Int(count))
        }
    }

    /// Says something to the client; memory takes all of it at once.
    func write(_ bytes: [UInt8]) -> Outcome {
        if bytes.isEmpty { return .done }
        return outcome { bytes.withUnsafeBytes { SSL_write(session, $0.baseAddress, Int32($0.count)) } }
    }

    /// Tells the client that nothing more comes.
    func close() { _ = outcome { SSL_shutdown(session) } }

    /// The certificates that the client showed, leaf first, as DER.
    var clientChain: [[UInt8]] {
        guard let leaf = SSL_get1_peer_certificate(session) else { return [] }
        defer { X509_free(leaf) }
        // On the server's side this list leaves the leaf out.
        let others = SSL_get_peer_cert_chain(session)
        let chain = (0..<usher_count(others)).compactMap { usher_certificate(others, $0) }
        return ([leaf] + chain).map(Self.encoded)
    }

    private static func encoded(_ certificate: OpaquePointer) -> [UInt8] {
        let length = Int(i2d_X509(certificate, nil))
        return [UInt8](unsafeUninitializedCapacity: max(0, length)) { buffer, filled in
            var end = buffer.baseAddress
            filled = max(0, Int(i2d_X509(certificate, &end)))
        }
    }

    private func outcome(_ step: () -> Int32) -> Outcome {
        ERR_clear_error()
        let result = step()
        if result > 0 { return .done }
        return SSL_get_error(session, result) == SSL_ERROR_WANT_READ ? .wantsMore : .over
    }
}
