import ArgumentParser
import Simulator
import TLSPolicy

extension ProviderSemantics.Settings: ExpressibleByArgument {}
extension ProviderSemantics.Leniency: ExpressibleByArgument {}
extension ProviderSemantics.BareFilter: ExpressibleByArgument {}
extension ProviderSemantics.WriteStatus: ExpressibleByArgument {}
extension ProviderSemantics.AbsentText: ExpressibleByArgument {}
extension ProviderSemantics.GivingUp: ExpressibleByArgument {}
extension ProviderSemantics.Tries: ExpressibleByArgument {}
extension ProviderSemantics.IncompleteSSL: ExpressibleByArgument {}
extension ProviderSemantics.TokenDeath: ExpressibleByArgument {}
extension ProviderSemantics.ListOrder: ExpressibleByArgument {}
extension ProviderSemantics.ChallengePath: ExpressibleByArgument {}

/// One switch for each thing that the documents leave open or tell in two ways.
struct SemanticsOptions: ParsableArguments {
    @Option(help: "What an edit does to settings it does not name: replaced or merged.") var settings:
        ProviderSemantics.Settings?
    @Option(help: "An edit of ssl without type and method: refused or ignored.") var settingsAlone:
        ProviderSemantics.Leniency?
    @Option(help: "Its code: split (1434 without both, 1440 without one), attribute (1434) or type_and_method (1440).")
    var incompleteSSL: ProviderSemantics.IncompleteSSL?
    @Option(help: "Keys the API does not know: ignored or refused.") var unknownKeys: ProviderSemantics.Leniency?
    @Option(help: "An edit with the body {}: ignored (it checks again) or refused.") var emptyEdit:
        ProviderSemantics.Leniency?
    @Option(help: "TLS 1.3 names in a cipher list: refused (1442) or ignored.") var tls13Suites:
        ProviderSemantics.Leniency?
    @Option(help: "An empty cipher list: ignored (it clears the list) or refused.") var emptyCiphers:
        ProviderSemantics.Leniency?
    @Option(help: "A minimum of TLS 1.3 beside tls_1_3 off: ignored or refused.") var contradiction:
        ProviderSemantics.Leniency?
    @Option(help: "The bare hostname filter of lists: contains or exact.") var bareFilter: ProviderSemantics.BareFilter?
    @Option(help: "Rows of a list page at most: 1000, or 50 by an older reference.") var maximumPerPage: Int?
    @Option(help: "The status of writes: table (201 and 202) or reference (200).") var writeStatus:
        ProviderSemantics.WriteStatus?
    @Flag(help: "DELETE answers with an envelope instead of the bare id.") var deleteEnvelope = false
    @Option(help: "A text that is not there: empty (\"\"), null or omitted.") var absentText:
        ProviderSemantics.AbsentText?
    @Option(help: "The end of the validation schedule: moved_then_deleted or deleted_at_once.") var givingUp:
        ProviderSemantics.GivingUp?
    @Option(help: "Validations are tried on_schedule, with its growing delays, or prompt.") var tries:
        ProviderSemantics.Tries?
    @Option(help: "What ends validation tokens: age or failed_try.") var tokenDeath: ProviderSemantics.TokenDeath?
    @Option(help: "An uploaded certificate that ends within 14 days: refused or ignored.") var nearExpiry:
        ProviderSemantics.Leniency?
    @Option(help: "A root in an upload that is not to be served as given: ignored or refused (1441).") var rootInBundle:
        ProviderSemantics.Leniency?
    @Option(help: "The order of a list's rows: oldest_first or newest_first.") var listOrder:
        ProviderSemantics.ListOrder?
    @Flag(help: "Cipher lists come back in the order given, not with ECDSA first.") var ciphersAsGiven = false
    @Flag(help: "A renewal keeps the method txt.") var renewalKeepsMethod = false
    @Flag(help: "A settings edit shows no redeployment although the edge takes its time.") var hiddenRedeployment =
        false
    @Flag(help: "An edit of ssl counts as a new certificate.") var editsCount = false
    @Flag(help: "Origin servers of their own are for Enterprise zones only (1414).") var originIsEnterprise = false

    func validate() throws {
        guard maximumPerPage ?? 5 >= 5 else { throw ValidationError("--maximum-per-page must be 5 or more") }
    }

    func apply(to semantics: inout ProviderSemantics) {
        semantics.settings = settings ?? semantics.settings
        semantics.settingsAlone = settingsAlone ?? semantics.settingsAlone
        semantics.incompleteSSL = incompleteSSL ?? semantics.incompleteSSL
        semantics.unknownKeys = unknownKeys ?? semantics.unknownKeys
        semantics.emptyEdit = emptyEdit ?? semantics.emptyEdit
        semantics.tls13Suites = tls13Suites ?? semantics.tls13Suites
        semantics.emptyCiphers = emptyCiphers ?? semantics.emptyCiphers
        semantics.contradiction = contradiction ?? semantics.contradiction
        semantics.bareHostnameFilter = bareFilter ?? semantics.bareHostnameFilter
        semantics.maximumPerPage = maximumPerPage ?? semantics.maximumPerPage
        semantics.writeStatus = writeStatus ?? semantics.writeStatus
        semantics.isDeleteEnveloped = deleteEnvelope
        semantics.absentText = absentText ?? semantics.absentText
        semantics.givingUp = givingUp ?? semantics.givingUp
        semantics.tries = tries ?? semantics.tries
        semantics.tokenDeath = tokenDeath ?? semantics.tokenDeath
        semantics.nearExpiry = nearExpiry ?? semantics.nearExpiry
        semantics.rootInBundle = rootInBundle ?? semantics.rootInBundle
        semantics.listOrder = listOrder ?? semantics.listOrder
        semantics.sortsCiphers = !ciphersAsGiven
        semantics.renewalChangesMethod = !renewalKeepsMethod
        semantics.showsRedeployment = !hiddenRedeployment
        semantics.editsCountAsCertificates = editsCount
        semantics.customOriginIsEnterprise = originIsEnterprise
    }
}

/// One switch for each thing that only third parties saw.
struct ReportedSemanticsOptions: ParsableArguments {
    @Option(help: "certificate_authority on a plan without it: refused (1459) or ignored.") var authorityEcho:
        ProviderSemantics.Leniency?
    @Option(help: "The path of the file that proves control: acme or pki_validation.") var challengePath:
        ProviderSemantics.ChallengePath?
    @Flag(help: "Answers never show an uploaded certificate.") var hiddenUploads = false
    @Flag(help: "Answers show no type and method for uploaded certificates.") var hiddenMethod = false
    @Option(help: "HTTP status of code 1404: 403 or 400.") var notEnabledStatus: Int?
    @Option(help: "Code of a missing scope: 10000 or 9109.") var missingScopeCode: Int?
    @Option(help: "Code of a refusal for pace: 971 or 10100.") var throttledCode: Int?
    @Flag(help: "A refusal for pace carries no Retry-After.") var silentThrottle = false
    @Option(help: "A hostname that another zone has (1406); may be given several times.") var takenElsewhere: [String] =
        []

    func validate() throws {
        guard [400, 403, nil].contains(notEnabledStatus) else {
            throw ValidationError("--not-enabled-status must be 403 or 400")
        }
        guard [9_109, 10_000, nil].contains(missingScopeCode) else {
            throw ValidationError("--missing-scope-code must be 10000 or 9109")
        }
        guard [971, 10_100, nil].contains(throttledCode) else {
            throw ValidationError("--throttled-code must be 971 or 10100")
        }
    }

    func apply(to configuration: inout SimulatorConfiguration) throws {
        configuration.semantics.authorityEcho = authorityEcho ?? configuration.semantics.authorityEcho
        configuration.semantics.challengePath = challengePath ?? configuration.semantics.challengePath
        configuration.semantics.showsUploads = !hiddenUploads
        configuration.semantics.showsMethodOfUploads = !hiddenMethod
        configuration.semantics.notEnabledStatus = notEnabledStatus ?? configuration.semantics.notEnabledStatus
        configuration.semantics.missingScopeCode = missingScopeCode ?? configuration.semantics.missingScopeCode
        configuration.semantics.throttledCode = throttledCode ?? configuration.semantics.throttledCode
        configuration.semantics.throttledSaysWhen = !silentThrottle
        for name in takenElsewhere {
            configuration.semantics.namesTakenElsewhere.insert(try canonicalHostname(name).ascii)
        }
    }
}
