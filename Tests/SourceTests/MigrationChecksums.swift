/// The SHA-256 of every migration that has landed, in order; lines are appended and never changed.
let migrationChecksums: [(file: String, sha256: String)] = [
    ("0001_queue.sql", "fd14722ea94ce8900edab14ff4551bf88deddb89f4ef991623b98d3725f03f40"),
    ("0002_queue_functions.sql", "42b89ec1cfc0beb4d16f6979a54eb0d32b20eec1f3c55f07a7c551a899edecb1"),
    ("0003_budgets.sql", "af34723a0f8eb970ca5ae6141ec12c74b72a3ce5c27d47f3912c567e18479fc9"),
    ("0004_onboarding.sql", "ecbc8df115cdece3b548aca6209fb1c565afb6e4bf16138f3500886110a83e8b"),
    ("0005_enqueue.sql", "e14aaaa3bd76ba6220c7f20ffb9bbeb6192e2e8e146334ce6d1a6c70a7fd7d6a"),
    ("0006_operate.sql", "6534353c935fece4c99d0b07946aba9ae838adb8ab7cb1d4b0db2d0dd5a094ba"),
    ("0007_plans.sql", "255e382276510dfadc3d36af09cbb9f9e314d9bc65c940cac953ce9d72f68046"),
    ("0010_pace.sql", "1ea859e3654e5c7c78432e58546b04b1d88f96c710518f0f95ed4bbedf67dfbf"),
]
