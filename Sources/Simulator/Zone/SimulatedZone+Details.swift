extension SimulatedZone {
    /// Bytes of all metadata of a hostname together (page on custom metadata).
    private static let maximumMetadataBytes = 4_096

    /// Takes over metadata and origin, where the body names them.
    ///
    /// - Throws: 1400, 1401, 1412 to 1421.
    func apply(details body: APIValue, to hostname: inout SimulatedHostname) throws(APIRefusal) {
        if let metadata = body["custom_metadata"], metadata != .null {
            hostname.metadata = try checked(metadata: metadata, of: hostname.name)
        }
        if let origin = body["custom_origin_server"], origin != .null {
            hostname.originServer = try checked(origin: origin)
        }
        if body["custom_origin_sni"] != nil { hostname.originSNI = try body.text("custom_origin_sni") }
    }

    private func checked(metadata: APIValue, of name: String) throws(APIRefusal) -> [String: APIValue] {
        guard let members = metadata.object else { throw .undecodable }
        guard plan.isEnterprise || members.isEmpty else { throw .metadataAccess }
        guard members.isEmpty || !name.hasPrefix("*.") else { throw .wildcardMetadata }
        guard metadata.text.utf8.count <= Self.maximumMetadataBytes else { throw .metadataNotEncodable }
        return members
    }

    /// The rules for hostnames hold for origins too, under codes of their own.
    private func checked(origin: APIValue) throws(APIRefusal) -> String? {
        guard let text = origin.string else { throw .badOrigin }
        guard !text.isEmpty else { return nil }
        guard plan.isEnterprise || !semantics.customOriginIsEnterprise else { throw .originAccess }
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { throw .nonASCIIOrigin }
        guard !text.hasPrefix("*.") else { throw .wildcardOrigin }
        guard text.utf8.count <= 255, text.contains("."), !text.contains(where: \.isWhitespace) else {
            throw .badOrigin
        }
        if let records = semantics.originRecords, !records.contains(text.lowercased()) { throw .originNotInZone }
        return text
    }

    /// The request without what is passed over in silence.
    ///
    /// - Throws: 1448, 1456, 1459 or 1469 for what the plan, or every plan, does not include.
    func entitled(_ request: SSLRequest, hostname: String) throws(APIRefusal) -> SSLRequest {
        var request = request
        if request.authority != nil, !plan.isEnterprise {
            guard semantics.authorityEcho == .ignored else { throw .authorityNotSelectable }
            request.authority = nil
        }
        if request.wildcard == true || request.bringsCertificate, !plan.isEnterprise { throw .notInPlan }
        if hostname.hasPrefix("*."), !request.bringsCertificate { throw .wildcardNeedsCertificate }
        if hostname.utf8.count > 64, !request.isBranded, !request.bringsCertificate { throw .brandingNeeded }
        return request
    }
}
