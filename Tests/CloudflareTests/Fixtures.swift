/// Answers in the form the provider publishes (API reference and documentation of custom hostnames).
enum Fixtures {
    /// Just created: no validation records yet, and `""` where nothing is known.
    static let created = """
        {"success": true, "errors": [], "messages": ["You are over the soft quota"], "result": {
          "id": "\(hostnameID)", "hostname": "app.tenant.dev",
          "ssl": {
            "id": "6dc6d8f4-2ff5-4b3a-a1c2-ca3b6a1f5b0e", "type": "dv", "method": "http", "status": "initializing",
            "settings": {"min_tls_version": "1.2", "http2": "on"}, "bundle_method": "ubiquitous", "wildcard": false,
            "certificate_authority": "google", "custom_certificate": "", "custom_key": "", "expires_on": "",
            "issuer": ""
          },
          "status": "pending", "verification_errors": ["custom hostname does not CNAME to this zone."],
          "ownership_verification": {
            "type": "txt", "name": "_cf-custom-hostname.app.tenant.dev", "value": "5cc07c04-ea62-4a5a-95f0-419334a875a4"
          },
          "ownership_verification_http": {
            "http_url": "http://app.tenant.dev/.well-known/cf-custom-hostname-challenge/\(hostnameID)",
            "http_body": "5cc07c04-ea62-4a5a-95f0-419334a875a4"
          },
          "created_at": "2026-02-06T18:11:23.531995Z"
        }}
        """

    static let active = """
        {
          "id": "\(hostnameID)", "hostname": "app.tenant.dev", "status": "active",
          "created_at": "2026-02-06T18:11:23Z", "custom_metadata": {"plan": 3}, "verification_errors": null,
          "ssl": {
            "id": "6dc6d8f4-2ff5-4b3a-a1c2-ca3b6a1f5b0e", "type": "dv", "method": "txt", "status": "active",
            "settings": {
              "min_tls_version": "1.2", "tls_1_3": "on", "early_hints": "off", "http3": "on",
              "ciphers": ["ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA"], "http2": "", "limits": {"a": [1, 2.5, null]}
            },
            "wildcard": true, "bundle_method": "ubiquitous", "certificate_authority": "lets_encrypt",
            "hosts": ["app.tenant.dev", "*.app.tenant.dev"], "issuer": "LetsEncrypt", "serial_number": "6743787633689",
            "signature": "SHA256WithRSA", "uploaded_on": "2026-02-06T18:11:23.531995Z",
            "expires_on": "2026-05-06T18:11:23Z",
            "certificates": [
              {"id": "c1", "issuer": "LetsEncrypt", "serial_number": "1", "signature": "ECDSAWithSHA256",
               "issued_on": "2026-02-06T18:11:23Z", "expires_on": "2026-05-06T18:11:23Z", "fingerprint_sha256": "ab"},
              {"id": "c2", "issuer": "LetsEncrypt", "serial_number": 2, "signature": "SHA256WithRSA"}
            ]
          }
        }
        """

    static let pendingValidation = """
        {
          "id": "\(hostnameID)", "hostname": "app.tenant.dev", "status": "pending",
          "ssl": {
            "type": "dv", "method": "txt", "status": "pending_validation", "settings": {},
            "validation_records": [
              {"status": "pending", "txt_name": "_acme-challenge.app.tenant.dev", "txt_value": "810b",
               "emails": null},
              {"http_url": "http://app.tenant.dev/.well-known/acme-challenge/x", "http_body": "x.y"}
            ],
            "validation_errors": [{"message": "SERVFAIL looking up CAA for app.tenant.dev"}]
          }
        }
        """

    static func page(_ hostnames: String..., page: Int = 1, totalPages: Int = 1) -> String {
        """
        {"success": true, "errors": [], "messages": [], "result": [\(hostnames.joined(separator: ","))],
         "result_info": {"count": \(hostnames.count), "page": \(page), "per_page": 1000,
                         "total_count": \(hostnames.count), "total_pages": \(totalPages)}}
        """
    }

    static func envelope(_ result: String) -> String {
        #"{"success": true, "errors": [], "messages": [], "result": \#(result)}"#
    }

    static func refusal(_ code: Int, _ message: String = "refused") -> String {
        """
        {"success": false, "errors": [{"code": \(code), "message": "\(message)"}], "messages": [], "result": null}
        """
    }

    /// What a gateway in front of the API sends when it has no API behind it.
    static let badGateway = """
        <html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>
        """
}
