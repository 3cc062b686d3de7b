import Postgres

/// How benches enqueue: by the SQL API that any client may call.
enum EnqueueCall {
    /// One job of one of the tenants; answers its number.
    static func one(of tenants: BenchTenants, _ number: Int) -> Statement {
        let tenant = "\(tenants.prefix)-\(1 + number % tenants.count)"
        return "select usher.enqueue_job('bench', \(tenant), \(JSONText("{\"n\":\(number)}")))"
    }

    /// The same as a script for pgbench.
    static func script(for tenants: BenchTenants) -> String {
        """
        \\set tenant random(1, \(tenants.count))
        select usher.enqueue_job('bench', '\(tenants.prefix)-' || :tenant::integer,
                                 jsonb_build_object('n', :tenant::integer));
        """
    }

    /// Jobs with these numbers in one call, dealt to the tenants in turn; all that a client sends is sent.
    static func many(_ numbers: Range<Int>, of tenants: BenchTenants) -> Statement {
        let names = numbers.map { "\(tenants.prefix)-\(1 + $0 % tenants.count)" }
        let payloads = numbers.map { JSONText("{\"n\":\($0)}") }
        return "select created from usher.enqueue_jobs('bench', \(names), \(payloads))"
    }

    /// The same made up by the server.
    static func made(_ numbers: Range<Int>, of tenants: BenchTenants) -> Statement {
        """
        select created from usher.enqueue_jobs('bench',
            array(select \(tenants.prefix) || '-' || 1 + i % \(tenants.count)
                  from generate_series(\(numbers.lowerBound), \(numbers.upperBound - 1)) i order by i),
            array(select jsonb_build_object('n', i)
                  from generate_series(\(numbers.lowerBound), \(numbers.upperBound - 1)) i order by i))
        """
    }
}
