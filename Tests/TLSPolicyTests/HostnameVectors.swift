/// Hostnames as people write them, and what each is: the canonical form, or the rule it breaks.
///
/// Written so that another implementation (the database's own function) can be held to the same table. The
/// internationalised ones are samples of RFC 3492 section 7.1, and names checked with Python's `idna` package.
enum HostnameVectors {
    enum Expected: Equatable {
        case name(String)
        /// `HostnameProblem.kind`.
        case problem(String)
    }

    static let all: [(input: String, expected: Expected)] =
        accepted.map { ($0, .name($1)) }
        + refused.map { ($0, .problem($1)) }

    static let accepted: [(String, String)] = [
        ("www.usher.de", "www.usher.de"),
        ("WWW.Usher.DE", "www.usher.de"),
        ("www.usher.de.", "www.usher.de"),
        ("usher.de", "usher.de"),
        ("usher.co.uk", "usher.co.uk"),
        ("0.9.usher.de", "0.9.usher.de"),
        ("a-b.c--d.usher.de", "a-b.c--d.usher.de"),
        ("\(repeat63).usher.de", "\(repeat63).usher.de"),
        (longest, longest),
        ("notexample.com", "notexample.com"),
        ("example.com.usher.de", "example.com.usher.de"),
        ("test.usher.de", "test.usher.de"),
        // Separators other than the full stop, and full-width letters.
        ("www\u{3002}usher\u{FF0E}de\u{FF61}", "www.usher.de"),
        ("\u{FF37}\u{FF37}\u{FF37}.usher.de", "www.usher.de"),
        // Scripts, case, and one name in both forms of Unicode.
        ("bücher.usher.de", "xn--bcher-kva.usher.de"),
        ("BÜCHER.usher.de", "xn--bcher-kva.usher.de"),
        ("bu\u{308}cher.usher.de", "xn--bcher-kva.usher.de"),
        ("XN--BCHER-KVA.usher.de", "xn--bcher-kva.usher.de"),
        ("straße.usher.de", "xn--strae-oqa.usher.de"),
        ("βόλος.usher.gr", "xn--nxasmm1c.usher.gr"),
        ("παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"),
        ("\u{1F71}.usher.gr", "xn--hxa.usher.gr"),
        ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("か\u{3099}.usher.jp", "xn--v8j.usher.jp"),
        ("한국.usher.kr", "xn--3e0b707e.usher.kr"),
        ("col·legi.usher.cat", "xn--collegi-xma.usher.cat"),
        ("उदाहरण.परीक्षा", "xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g"),
        ("他们为什么不说中文.usher.cn", "xn--ihqwcrb4cv8a8dqg056pqjye.usher.cn"),
        ("Pročprostěnemluvíčesky.usher.cz", "xn--proprostnemluvesky-uyb24dma41a.usher.cz"),
        ("почемужеонинеговорятпорусски.usher.su", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l.usher.su"),
        (
            "TạisaohọkhôngthểchỉnóitiếngViệt.usher.vn",
            "xn--tisaohkhngthchnitingvit-kjcr8268qyxafd2f1b9g.usher.vn"
        ),
        ("3年B組金八先生.usher.jp", "xn--3b-ww4c5e180e575a65lsy2b.usher.jp"),
        ("ひとつ屋根の下2.usher.jp", "xn--2-u9tlzr9756bt3uc0v.usher.jp"),
    ]

    static let refused: [(String, String)] = [
        ("", "empty"),
        (".", "empty"),
        ("www..usher.de", "empty_label"),
        (".usher.de", "empty_label"),
        ("usher.de..", "empty_label"),
        ("\(repeat63)a.usher.de", "label_too_long"),
        ("\(longest)e", "too_long"),
        (String(repeating: "ü", count: 63) + ".usher.de", "label_too_long"),
        ("-a.usher.de", "hyphen_at_edge"),
        ("a-.usher.de", "hyphen_at_edge"),
        ("-ü.usher.de", "hyphen_at_edge"),
        ("ab--c.usher.de", "reserved_hyphens"),
        ("üü--c.usher.de", "reserved_hyphens"),
        ("xn--.usher.de", "invalid_a_label"),
        ("xn--abc-.usher.de", "invalid_a_label"),
        ("xn--0.usher.de", "invalid_a_label"),
        ("xn--99999999999.usher.de", "invalid_a_label"),
        ("xn--BCHER-KVa1.usher.de", "invalid_a_label"),
        // A decomposed ü, an upper-case Ü and an emoji behind the prefix: no U-label gives these.
        ("xn--bucher-xyd.usher.de", "invalid_a_label"),
        ("xn--bcher-2pa.usher.de", "invalid_a_label"),
        ("xn--i-n3p.usher.de", "invalid_a_label"),
        ("a_b.usher.de", "character"),
        ("a b.usher.de", "character"),
        (" usher.de", "character"),
        ("usher.de\n", "character"),
        ("https://usher.de", "character"),
        ("usher.de:443", "character"),
        ("user@usher.de", "character"),
        ("a\u{0}.usher.de", "character"),
        ("i♥.usher.de", "character"),
        ("💩.usher.de", "character"),
        ("a\u{200B}b.usher.de", "character"),
        ("a\u{00AD}b.usher.de", "character"),
        ("a\u{200D}b.usher.de", "character"),
        ("ﬁ.usher.de", "character"),
        ("x².usher.de", "character"),
        ("a·b.usher.de", "character"),
        ("\u{093F}क.usher.in", "character"),
        ("ɛ\u{0303}.usher.de", "decomposed"),
        ("é\u{0323}.usher.de", "decomposed"),
        ("İ.usher.tr", "decomposed"),
        ("\u{1112}\u{1161}\u{11AB}.usher.kr", "decomposed"),
        ("192.0.2.1", "address"),
        ("1.2.3", "address"),
        ("300.1.1.1.", "address"),
        ("2001:db8::1", "address"),
        ("www.usher.42", "address"),
        ("usher", "single_label"),
        ("localhost", "single_label"),
        ("com", "single_label"),
        ("a.test", "reserved_top_level"),
        ("a.EXAMPLE", "reserved_top_level"),
        ("a.invalid", "reserved_top_level"),
        ("app.localhost", "reserved_top_level"),
        ("example.com", "example_domain"),
        ("shop.Example.ORG.", "example_domain"),
        ("a.b.example.net", "example_domain"),
        ("co.uk", "public_suffix"),
        ("COM.AU", "public_suffix"),
        ("co.jp.", "public_suffix"),
        ("*.usher.de", "wildcard"),
        ("*.bücher.usher.de", "wildcard"),
        ("*usher.de", "character"),
        ("a.*.usher.de", "character"),
    ]

    static let repeat63 = String(repeating: "a", count: 63)
    /// 253 octets.
    static let longest = "\(repeat63).\(repeat63).\(repeat63)." + String(repeating: "b", count: 58) + ".de"
}
