/// Names of two labels under which anybody may register, so that nobody owns them.
///
/// The commonest of the Public Suffix List, not all of them: the list changes weekly, and the provider, which reads it,
/// is the judge (its code 1410). Every single label is a suffix too.
enum PublicSuffix {
    static func contains(_ name: String) -> Bool {
        guard let dot = name.firstIndex(of: ".") else { return true }
        let country = name[name.index(after: dot)...]
        return secondLevel[country]?.contains(name[..<dot]) ?? false
    }

    private static let secondLevel: [Substring: Set<Substring>] = [
        "ar": ["com", "edu", "gob", "net", "org"],
        "au": ["asn", "com", "edu", "gov", "id", "net", "org"],
        "bd": ["com", "edu", "gov", "net", "org"],
        "br": ["com", "edu", "gov", "net", "org"],
        "cn": ["ac", "com", "edu", "gov", "net", "org"],
        "co": ["com", "edu", "gov", "net", "org"],
        "eg": ["com", "edu", "gov", "net", "org"],
        "hk": ["com", "edu", "gov", "idv", "net", "org"],
        "id": ["ac", "co", "go", "net", "or", "web"],
        "il": ["ac", "co", "gov", "net", "org"],
        "in": ["ac", "co", "edu", "firm", "gen", "gov", "ind", "net", "org"],
        "jp": ["ac", "ad", "co", "ed", "go", "gr", "lg", "ne", "or"],
        "ke": ["ac", "co", "go", "ne", "or"],
        "kr": ["ac", "co", "go", "ne", "or", "pe", "re"],
        "mx": ["com", "edu", "gob", "net", "org"],
        "my": ["com", "edu", "gov", "net", "org"],
        "ng": ["com", "edu", "gov", "net", "org"],
        "nz": ["ac", "co", "geek", "gen", "govt", "iwi", "maori", "net", "org", "school"],
        "pe": ["com", "edu", "gob", "net", "org"],
        "ph": ["com", "edu", "gov", "net", "org"],
        "pk": ["com", "edu", "gov", "net", "org"],
        "pl": ["com", "edu", "gov", "net", "org"],
        "sa": ["com", "edu", "gov", "net", "org"],
        "sg": ["com", "edu", "gov", "net", "org", "per"],
        "th": ["ac", "co", "go", "in", "net", "or"],
        "tr": ["com", "edu", "gov", "net", "org", "web"],
        "tw": ["com", "edu", "gov", "idv", "net", "org"],
        "ua": ["com", "edu", "gov", "in", "net", "org"],
        "uk": ["ac", "co", "gov", "ltd", "me", "net", "nhs", "org", "plc", "police", "sch"],
        "vn": ["com", "edu", "gov", "net", "org"],
        "za": ["ac", "co", "gov", "net", "org", "web"],
    ]
}
