/// Certificates and a key made by the command line of OpenSSL 3.0, with what that printed about them in the tests.
enum OpenSSLCertificates {
    /// An authority on P-256, which signed ``rsaLeaf``.
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIByTCCAW+gAwIBAgIUWgM+7g8wn+VWslswhBNxOCIK6/owCgYIKoZIzj0EAwIw
        OTELMAkGA1UEBhMCREUxEzARBgNVBAoMCkFjbWUsIEluYy4xFTATBgNVBAMMDFRl
        c3QgIkNBIiAjMTAgFw0yNjExMjMxOTUwMjdaGA8yMDUxMDcxNTE5NTAyN1owOTEL
        MAkGA1UEBhMCREUxEzARBgNVBAoMCkFjbWUsIEluYy4xFTATBgNVBAMMDFRlc3Qg
        IkNBIiAjMTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGajLaQX1SaXwYzHhgX2
        zbSWgPQMTsyNEz0HYht8X8057I55EZYHoR9mEDvVT0ZwxrYXl5kkznAnjQFgZ2i0
        ZfqjUzBRMB0GA1UdDgQWBBSkcQ0GJgL/96ZMMuWuQPSf9bSCJTAfBgNVHSMEGDAW
        gBSkcQ0GJgL/96ZMMuWuQPSf9bSCJTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49
        BAMCA0gAMEUCIF9U/aPKRCeEctWEwGBxp0LkboyPwwAkUKf4xQZPzU80AiEAyL9N
        GYFUCArOR+SuLzYRonoMqBqM+t6y6Fk0NmRT2JM=
        -----END CERTIFICATE-----
        """

    /// RSA of 2048 bits; upper-case names with an address and a mailbox among them, an end after 2049, a serial whose
    /// top bit is set.
    static let rsaLeaf = """
        -----BEGIN CERTIFICATE-----
        MIICvTCCAmOgAwIBAgIQAPHi08S1ppeId2ZVRDMiETAKBggqhkjOPQQDAjA5MQsw
        CQYDVQQGEwJERTETMBEGA1UECgwKQWNtZSwgSW5jLjEVMBMGA1UEAwwMVGVzdCAi
        Q0EiICMxMCAXDTI2MTEyMzE5NTAyN1oYDzIwNTkxMDAxMTk1MDI3WjAYMRYwFAYD
        VQQDDA1TaG9wLkFjbWUuY29tMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC
        AQEA5hv7u3jRihM9U+fxZHDxRhWbBb4Bs85w8n/I+Pb2d1Z2nb0Gc+504D72/c8n
        0ggxQbGYFH3mfmZdscmJ6kfPQDES0trpJNO9bxDW2ztNvpmJVsw1Pv5VZR81dFr4
        v+Z42/3k5uig+MDvx7TjKJWT34CO93tAmBEcbVlEC8+R26nZdXO12QDAC0+8cBKD
        4QJZCIBbS1z/RMkigTNbfSMTx61m6rDHPoAfOFvX99ylJXEIJv1ESpaOSVs9yrZ3
        uxUITHkWxGgbWh2PRnnRFfEvRGG0qLP8eD/525l3vsETxcFjpf3O6JizFsmO3GZP
        NdVEm0W2JWVWDR/C0Zc4nn3qQQIDAQABo4GgMIGdMAwGA1UdEwEB/wQCMAAwTQYD
        VR0RBEYwRIINU2hvcC5BY21lLmNvbYIKKi5hY21lLmNvbYcEwAACAYEKYUBhY21l
        LmNvbYIVeG4tLWJjaGVyLWt2YS5leGFtcGxlMB0GA1UdDgQWBBSMcCZWEG8/palo
        +r573blo0FUEbTAfBgNVHSMEGDAWgBSkcQ0GJgL/96ZMMuWuQPSf9bSCJTAKBggq
        hkjOPQQDAgNIADBFAiB+ocRN3gW3HVOL0RdS4Az5BQObUoPiH3wWjtBx+1iAmwIh
        ANZEFKVEHpwV7onl98JqW4T9uiaOjizkSa8yRnLGQvu1
        -----END CERTIFICATE-----
        """

    /// Self-signed on P-256, one-byte serial; its key is ``ecKey``.
    static let ecLeaf = """
        -----BEGIN CERTIFICATE-----
        MIIBhjCCASygAwIBAgIBCjAKBggqhkjOPQQDAjAYMRYwFAYDVQQDDA1lZGdlLmFj
        bWUuY29tMB4XDTI2MTEyMzE5NTAyN1oXDTI3MDIyMTE5NTAyN1owGDEWMBQGA1UE
        AwwNZWRnZS5hY21lLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKuLuabt
        m8jhbmQq0zZnKFlR4/95bxlXe2aULS8LQgBO6utbAyJzaYtoAA+MLzLMMYCYlTCD
        gDNxqxqGBX8Oy6yjZzBlMB0GA1UdDgQWBBSAXYfmd/ODNCAUqtQPZNcDayoHxTAf
        BgNVHSMEGDAWgBSAXYfmd/ODNCAUqtQPZNcDayoHxTAJBgNVHRMEAjAAMBgGA1Ud
        EQQRMA+CDWVkZ2UuYWNtZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIgKRYz1N7o74A+
        4yaJL/GXeHXqCdjR1HbZhcr0MSf4Nw0CIQDLzEHNK0NhIbF8/6d7PK6drpoGxk30
        0/oZx2YtwiP3Tg==
        -----END CERTIFICATE-----
        """

    /// As `openssl ecparam -name prime256v1 -genkey` writes it: `EC PARAMETERS` first.
    static let ecKey = """
        -----BEGIN EC PARAMETERS-----
        BggqhkjOPQMBBw==
        -----END EC PARAMETERS-----
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIFPQIpYuHuUp5F0vAXLj+MUxD5Qnb49tI8olqTc++1HsoAoGCCqGSM49
        AwEHoUQDQgAEq4u5pu2byOFuZCrTNmcoWVHj/3lvGVd7ZpQtLwtCAE7q61sDInNp
        i2gAD4wvMswxgJiVMIOAM3GrGoYFfw7LrA==
        -----END EC PRIVATE KEY-----
        """

    /// Self-signed, RSA with SHA-1.
    static let sha1Leaf = """
        -----BEGIN CERTIFICATE-----
        MIIC9zCCAd+gAwIBAgIUUA+C+WkdiEN+1gvsvq/ZDePmitIwDQYJKoZIhvcNAQEF
        BQAwDjEMMAoGA1UEAwwDb2xkMB4XDTI2MTEyMzE5NTAyN1oXDTI3MDIyMTE5NTAy
        N1owDjEMMAoGA1UEAwwDb2xkMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC
        AQEAzD0ArEg/T1ETb8sSjnqWsjH3J1jnyifUboZ39RmEou4tNc1FUZE5LVuPUcsu
        51DF/73Ki2l1xriWdjZQEbXl9H1D2FIv8HgWzd3SHUc61SC/u5RkRTA2JgBgK549
        Y4aET2sBaPK4vSomAVTg4GqAL0Y/eeRV6a9wNR9NDmSOBtiiyxivrnUdzZiGmfMc
        45q7v7wg3XDP2if7ZsJWy0f93civph7wpPGa8quj70GCb8mY7cILLpGc3d5RH27Z
        XOAz7JoRU9kkC4CPcorKRr1YajMN0AL7p6hUHhqq0eJKISMHQyablmPvnC+aMj0r
        ybOufnSfNRYAmHrxzL8gAJ6sMQIDAQABo00wSzAdBgNVHQ4EFgQUe9FoOHFGfwfs
        SNj4dQCff0Wl4MwwHwYDVR0jBBgwFoAUe9FoOHFGfwfsSNj4dQCff0Wl4MwwCQYD
        VR0TBAIwADANBgkqhkiG9w0BAQUFAAOCAQEAw0pcm6ozyMWUDjohNYnWXkSgdEvM
        3clj6oH93slzErX+KDlFspwZlAwb3/K+896Am4GUiAW/013lTEfRTTLzbBuD3RXw
        XRuLIsx+ISDKBFA+QGiYMaEgzyyxX6MipkMSx8BPnpEbOCZaQujBEcq8OI9nM5Mg
        M2bWQr99f8pKqJF3rDLYy++JefX3e0xGDDMkCgic9icrTfFdfEwYJu3vYBf+/WbG
        eLR83RYQl9GRgqs9mMXCwHGj60izUMtHdfi6K6OZpSCJU2nsxR6APekiOCOptk4O
        MUftOUlQlAiFE+iadfFapGo92IGHIanUeeg2hk3c4AWFO88Z28EY7dXPfA==
        -----END CERTIFICATE-----
        """

    /// Self-signed, RSA of 1024 bits.
    static let smallLeaf = """
        -----BEGIN CERTIFICATE-----
        MIIB7jCCAVegAwIBAgIUXiZsWkune0yLdM2TmNg0qKQjqE0wDQYJKoZIhvcNAQEL
        BQAwDDEKMAgGA1UEAwwBeDAeFw0yNjExMjMxOTUzNDBaFw0yNjEyMDMxOTUzNDBa
        MAwxCjAIBgNVBAMMAXgwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBANZ8IiIF
        wz4925DVlc6Hmq5+G5tsB4Zv5xLzwj2a13EmyLkxh4/yDV9Ah8jlViv5S9WELUjo
        ofjsK0d8gugFT6qjYxicqgqIRxJvZoI/6NwYjziy9b5lAmsy8nRecRvVJTys3BHi
        LERR92trh0D2rCGOJ+8J8Ky/g9wv60GIdY4vAgMBAAGjTTBLMB0GA1UdDgQWBBQE
        Csia/MxBPtXUZzwHxg7q2x8zxDAfBgNVHSMEGDAWgBQECsia/MxBPtXUZzwHxg7q
        2x8zxDAJBgNVHRMEAjAAMA0GCSqGSIb3DQEBCwUAA4GBAIzcUBtP+Zh1AZ0Wqzji
        U9e1OkROmicPzRDhpEJcj1h1dPug+wRdO6ls+vdA9vGVxdwES8Q7SEeIWWMIV1y3
        QbduIzNsBInLIyeoiE+dkyNTvN1l7sinddB+lsGhZMK1tLasBtOrj+Lwi17OHdxk
        IeEKKnB4HdcyYOJ2E/Dha1RI
        -----END CERTIFICATE-----
        """

    /// Self-signed, on secp224r1.
    static let oddCurveLeaf = """
        -----BEGIN CERTIFICATE-----
        MIIBVTCCAQKgAwIBAgIUUAxIwN0/8nGvaEvgQehPvRVu60UwCgYIKoZIzj0EAwIw
        DDEKMAgGA1UEAwwBeDAeFw0yNjExMjMxOTUzNDBaFw0yNjEyMDMxOTUzNDBaMAwx
        CjAIBgNVBAMMAXgwTjAQBgcqhkjOPQIBBgUrgQQAIQM6AAS4UlZVDpzBOyASQq0s
        /dR/WqUiFYfx8DWbqY44pcPgynWhLHhv6pJ9ctyn5j6BXkBYyLemD3GEh6NNMEsw
        HQYDVR0OBBYEFFoeLRM0hvDSCbs1Twgel0POfbrnMB8GA1UdIwQYMBaAFFoeLRM0
        hvDSCbs1Twgel0POfbrnMAkGA1UdEwQCMAAwCgYIKoZIzj0EAwIDQQAwPgIdAMlX
        h4JXV2o7nYXfbu4eC8NmcxOJ2VcP6vmtp1MCHQDo3EPIhcIRxEJoiQOUx59+44Ba
        FGi3FvcroT7W
        -----END CERTIFICATE-----
        """
}
