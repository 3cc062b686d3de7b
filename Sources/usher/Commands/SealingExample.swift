/// How a private key is sealed without Usher, shown by `usher keys public` and run as it stands by a test.
enum SealingExample {
    static let python = #"""
        # seal.py PUBLIC_KEY TENANT HOSTNAME CHAIN.pem KEY.pem
        # Seals a certificate's private key; prints what usher.put_certificate takes.
        # Needs: pip install pyhpke cryptography
        import base64, hashlib, json, sys
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding
        from pyhpke import AEADId, CipherSuite, KDFId, KEMId

        public_key, tenant, hostname, chain_file, key_file = sys.argv[1:]
        raw = base64.b64decode(public_key.removeprefix("usher-public-key-1:"))
        chain, key = open(chain_file).read(), open(key_file, "rb").read()
        leaf = x509.load_pem_x509_certificates(chain.encode())[0]
        fingerprint = hashlib.sha256(leaf.public_bytes(Encoding.DER)).hexdigest()

        # The sealed key opens for this tenant, hostname and certificate only.
        info = b"usher-sealed-key-1"
        for field in (tenant, hostname, fingerprint):
            info += len(field.encode()).to_bytes(4, "big") + field.encode()

        suite = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)
        encapsulated, sender = suite.create_sender_context(suite.kem.deserialize_public_key(raw), info)
        print(json.dumps({
            "tenant": tenant,
            "hostname": hostname,  # in canonical form: lower case, A-labels
            "chain_pem": chain,
            "sealed_key": base64.b64encode(encapsulated + sender.seal(key)).decode(),
            "key_id": hashlib.sha256(raw).hexdigest()[:16],
            "fingerprint": fingerprint,
            "not_before": leaf.not_valid_before_utc.isoformat(),
            "not_after": leaf.not_valid_after_utc.isoformat(),
        }))
        # Then, with every value as a bound parameter and never in the text of the statement:
        #   select usher.put_certificate($tenant, $hostname, $chain_pem, decode($sealed_key, 'base64'),
        #                                $key_id, '{}', $fingerprint, $not_before, $not_after)
        """#
}
