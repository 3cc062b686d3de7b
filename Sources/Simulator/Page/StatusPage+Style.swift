extension StatusPage {
    /// The whole look: one column of sections, light or dark as the reader's system has it.
    static let style = """
        :root { color-scheme: light dark; --ink: #1c2430; --quiet: #5d6878; --paper: #f5f6f8; --card: #fff;
          --line: #dfe3ea; --good: #12703d; --good-soft: #dff3e6; --wait: #7a4f00; --wait-soft: #fcefd2;
          --bad: #a3232b; --bad-soft: #fbe1e2; --link: #1f5fbf; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --quiet: #98a3b3; --paper: #12161c;
          --card: #1a2029; --line: #2b3340; --good: #7fdca5; --good-soft: #163526; --wait: #f2c879;
          --wait-soft: #3a2d12; --bad: #ff9aa0; --bad-soft: #43191d; --link: #8ab8ff; } }
        * { box-sizing: border-box; }
        body { background: var(--paper); color: var(--ink); margin: 0;
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
        header, main { margin: 0 auto; max-width: 82rem; padding: 0 1.25rem; }
        header { padding-top: 1.75rem; } h1 { font-size: 1.5rem; margin: 0; letter-spacing: -0.01em; }
        header p { color: var(--quiet); margin: 0.15rem 0 1.25rem; } a { color: var(--link); }
        h2 { font-size: 1rem; margin: 0 0 0.6rem; } small { color: var(--quiet); font-weight: normal; }
        section { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
          margin: 0 0 1rem; padding: 0.9rem 1.1rem; }
        .tiles { background: none; border: 0; padding: 0; display: grid; gap: 0.75rem;
          grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); }
        .tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 0.7rem 0.9rem; }
        .tile b { display: block; font-size: 1.55rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
        .tile span, .tile small { display: block; overflow-wrap: anywhere; }
        .columns { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); }
        dl { display: grid; gap: 0.15rem 1rem; grid-template-columns: max-content 1fr; margin: 0; }
        dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
        .limit { display: grid; grid-template-columns: 1fr max-content; margin-bottom: 0.5rem; }
        .limit span + span { font-variant-numeric: tabular-nums; } meter { grid-column: 1 / -1; width: 100%; }
        .quiet { color: var(--quiet); margin: 0; } .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
        th { color: var(--quiet); font-weight: 500; } th, td { padding: 0.34rem 0.9rem 0.34rem 0;
          text-align: left; vertical-align: top; white-space: nowrap; border-bottom: 1px solid var(--line); }
        tbody tr:last-child td { border-bottom: 0; } td b { font-weight: 600; }
        time, td:first-child { font-variant-numeric: tabular-nums; }
        code { font: 0.88em ui-monospace, "DejaVu Sans Mono", monospace; }
        .badge { border-radius: 99px; padding: 0.08rem 0.6rem; font-size: 0.86rem; }
        .good { background: var(--good-soft); color: var(--good); }
        .wait { background: var(--wait-soft); color: var(--wait); }
        .bad { background: var(--bad-soft); color: var(--bad); }
        """
}
