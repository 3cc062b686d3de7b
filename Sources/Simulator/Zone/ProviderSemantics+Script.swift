import Foundation

extension ProviderSemantics {
    /// These switches with those of a JSON object laid over them, each by its name in snake_case.
    ///
    /// `nil` if a name or a value is none of ours.
    package init?(script: APIValue, over old: ProviderSemantics) {
        let (encoder, decoder) = (JSONEncoder(), JSONDecoder())
        guard let wanted = script.object, let data = try? encoder.encode(old),
            case .object(var members)? = APIValue(parsing: Array(data))
        else { return nil }
        for (name, value) in wanted {
            let plain = name.replacing("_", with: "").lowercased()
            guard let key = members.keys.first(where: { $0.lowercased() == plain }) else { return nil }
            members[key] = value
        }
        let text = APIValue.object(members).text
        guard let new = try? decoder.decode(ProviderSemantics.self, from: Data(text.utf8)) else { return nil }
        self = new
    }
}
