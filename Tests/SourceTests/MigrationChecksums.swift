/// The SHA-256 of every migration that has landed, in order; lines are appended and never changed.
let migrationChecksums: [(file: String, sha256: String)] = [
    ("0001_queue.sql", "fd14722ea94ce8900edab14ff4551bf88deddb89f4ef991623b98d3725f03f40"),
    ("0002_queue_functions.sql", "42b89ec1cfc0beb4d16f6979a54eb0d32b20eec1f3c55f07a7c551a899edecb1"),
    ("0003_budgets.sql", "af34723a0f8eb970ca5ae6141ec12c74b72a3ce5c27d47f3912c567e18479fc9"),
    ("0004_onboarding.sql", "ecbc8df115cdece3b548aca6209fb1c565afb6e4bf16138f3500886110a83e8b"),
    ("0005_enqueue.sql", "e14aaaa3bd76ba6220c7f20ffb9bbeb6192e2e8e146334ce6d1a6c70a7fd7d6a"),
    ("0006_operate.sql", "6534353c935fece4c99d0b07946aba9ae838adb8ab7cb1d4b0db2d0dd5a094ba"),
    ("0007_plans.sql", "255e382276510dfadc3d36af09cbb9f9e314d9bc65c940cac953ce9d72f68046"),
    ("0008_exceptions.sql", "a541f9f17647d3841eeee22ad0872afffbfa640a60f5d1a5189f89bf74d2d297"),
    ("0009_certificate_chain.sql", "f3f60219089233477c2b51b2029360c9da4709eaf6511694046c22488d0a1287"),
    ("0010_pace.sql", "1ea859e3654e5c7c78432e58546b04b1d88f96c710518f0f95ed4bbedf67dfbf"),
    ("0011_evidence.sql", "0d17fa061716d48e3aaa0e16db3366e5009bdcfd155dfe02fe4ddd9ec3bfdb5f"),
    ("0012_zone_readings.sql", "f5782d7c8d1a6e7aadb43ff5e552fdf723f5b885f763d5bf5276642f2d5782d5"),
    ("0013_audit.sql", "3c04335be279bfd768fb99fcfaed5d269f44549c6db2ffd8ec3d2671dbd7fcce"),
    ("0015_enqueue.sql", "4acea32f3ac7f2d944717a225368d19954fdf0ee38d404b6b69842186424ff8d"),
]
