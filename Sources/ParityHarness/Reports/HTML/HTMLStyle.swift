/// The page's style sheet. Colours are variables with a value for light and one for dark.
enum HTMLStyle {
    private static let colours: [(name: String, light: String, dark: String)] = [
        ("paper", "#fbfbfa", "#15171a"), ("sheet", "#ffffff", "#1b1e22"), ("ink", "#1d2126", "#dfe2e6"),
        ("soft", "#626a73", "#9aa3ad"), ("line", "#e3e5e8", "#2c3137"), ("faint", "#b4b9bf", "#565d66"),
        ("raised", "#f3f4f5", "#22262b"),
        ("good", "#1a7046", "#6cc497"), ("good-back", "#e6f3ec", "#16301f"), ("bad", "#b3261e", "#f2938c"),
        ("bad-back", "#fcebea", "#3b1d1c"), ("bad-mark", "#f6c4c0", "#7c2f2b"), ("new-mark", "#b9e2cb", "#1f5b3c"),
        ("warn", "#8a5a00", "#e0b468"), ("warn-back", "#fbf3e1", "#33290f"), ("accent", "#2b5fb4", "#8cb4f5"),
    ]

    private static func variables(_ value: (String, String) -> String) -> String {
        colours.map { "--\($0.name):\(value($0.light, $0.dark));" }.joined()
    }

    static var text: String {
        let light = variables { one, _ in one }
        let dark = variables { _, other in other }
        return """
            :root{color-scheme:light;\(light)}
            @media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;\(dark)}}
            :root[data-theme=dark]{color-scheme:dark;\(dark)}
            \(rules)
            @media print{:root,:root[data-theme=dark]{color-scheme:light;\(light)}}
            """
    }

    private static let rules = layout + tables + checks + differences + small

    private static let layout = """
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
        "DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
        main,header>div{max-width:1240px;margin:0 auto;padding:0 24px}
        code,pre,.mono,.diff td{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;
        font-size:12px}
        a{color:var(--accent)}
        header{background:var(--sheet);border-bottom:1px solid var(--line);padding:22px 0 18px}
        .top{display:flex;gap:12px;align-items:center;flex-wrap:wrap}
        h1{font-size:19px;font-weight:650;margin:0;letter-spacing:-.01em}
        h2{font-size:15px;font-weight:650;margin:34px 0 10px;letter-spacing:-.005em}
        h2 small{font-weight:400;color:var(--soft);margin-left:8px;font-size:13px}
        h3{font-size:13px;font-weight:650;margin:16px 0 6px}
        .pill{display:inline-block;border-radius:99px;padding:1px 10px;font-size:12px;font-weight:600;
        background:var(--raised);color:var(--soft);white-space:nowrap}
        .pill.good{background:var(--good-back);color:var(--good)}
        .pill.bad{background:var(--bad-back);color:var(--bad)}
        .pill.warn{background:var(--warn-back);color:var(--warn)}
        .space{flex:1}
        button,input,select{font:inherit;color:inherit;background:var(--sheet);border:1px solid var(--line);
        border-radius:6px;padding:4px 10px}
        button{cursor:pointer}
        button:hover{background:var(--raised)}
        :focus-visible{outline:2px solid var(--accent);outline-offset:1px}
        dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:14px 0 0;font-size:13px}
        .facts dt{color:var(--soft)}
        .facts dd{margin:0;overflow-wrap:anywhere}
        .tiles{display:flex;gap:28px;flex-wrap:wrap;margin-top:16px}
        .tile b{display:block;font-size:22px;font-weight:600;line-height:1.2;letter-spacing:-.02em}
        .tile span{color:var(--soft);font-size:12px}
        .tile.bad b{color:var(--bad)}
        .tile.good b{color:var(--good)}
        .bar{display:block;width:100%;height:6px;margin-top:16px;border-radius:3px;background:var(--raised)}
        .bar .exact{fill:var(--good)}.bar .loose{fill:var(--warn)}.bar .ignored{fill:var(--soft)}
        .key{display:flex;gap:18px;flex-wrap:wrap;color:var(--soft);font-size:12px;margin-top:6px}
        .key i{display:inline-block;width:8px;height:8px;border-radius:2px;margin-right:6px;background:var(--good)}
        .key .loose i{background:var(--warn)}.key .ignored i{background:var(--soft)}

        """

    private static let tables = """
        .pair{display:grid;grid-template-columns:1fr 1fr;gap:0 28px;align-items:start}
        .wide{overflow-x:auto}
        table{border-collapse:collapse;width:100%}
        .sum{background:var(--sheet);border:1px solid var(--line);border-radius:8px;border-collapse:separate;
        border-spacing:0;font-size:13px}
        .sum th{font-weight:500;color:var(--soft);font-size:12px;text-align:left}
        .sum th,.sum td{padding:4px 12px;border-bottom:1px solid var(--line);vertical-align:top}
        .sum tr:last-child>*{border-bottom:0}
        .sum .n,.sum .day,.sum .name{white-space:nowrap}
        .sum .n{text-align:right}
        .sum td.n.bad{color:var(--bad);font-weight:600}
        .sum .zero{color:var(--faint)}
        .sum tr.idle td{color:var(--soft)}
        .sum tr.idle td.zero{color:var(--faint)}
        .sum tr.group .quiet{font-weight:400}
        .sum tr.group th{background:var(--raised);color:var(--ink);font-weight:600;padding-top:5px;padding-bottom:5px}
        .dot{display:inline-block;width:8px;height:8px;border-radius:50%;margin-right:8px;background:var(--line)}
        .dot.good{background:var(--good)}.dot.bad{background:var(--bad);border-radius:2px}
        .sum .link{border:0;background:none;padding:0;text-align:left;color:inherit;border-radius:3px}
        .sum .link:hover{text-decoration:underline;background:none}
        .quiet{color:var(--soft)}
        .method{display:inline-block;min-width:44px;color:var(--soft)}

        """

    private static let checks = """
        .filter{position:sticky;top:0;z-index:2;display:flex;gap:8px;flex-wrap:wrap;align-items:center;padding:10px 0;
        background:var(--paper);border-bottom:1px solid var(--line);margin-bottom:14px}
        .filter input[type=search]{flex:1;min-width:180px}
        .filter select{max-width:210px}
        .filter label{display:flex;gap:6px;align-items:center;white-space:nowrap}
        .scenario{margin:0 0 18px}
        .scenario>h3{display:flex;gap:10px;align-items:baseline;margin:0 0 6px;font-size:13px}
        .scenario>h3 small{color:var(--soft);font-weight:400;margin-left:auto}
        .list{background:var(--sheet);border:1px solid var(--line);border-radius:8px;overflow:hidden}
        .check{border-bottom:1px solid var(--line)}
        .check:last-child{border-bottom:0}
        .row{display:grid;grid-template-columns:14px 44px minmax(0,1fr) 40px 90px 120px;gap:10px;padding:3px 12px;
        align-items:center;font-size:13px;list-style:none;min-height:26px}
        .row::-webkit-details-marker{display:none}
        summary.row{cursor:pointer}
        summary.row:hover{background:var(--raised)}
        .row .dot{margin:0}
        .row .what{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
        .row .what em{font-style:normal;color:var(--soft);margin-left:8px}
        .row .n{text-align:right;color:var(--soft);font-size:12px;white-space:nowrap}
        .row .n.bad{color:var(--bad);font-weight:600}
        details.bad>summary .what{font-weight:600}
        details[open]>summary.row{background:var(--raised)}
        .inner{padding:4px 16px 18px;border-top:1px solid var(--line)}
        .again{display:flex;gap:10px;align-items:center;flex-wrap:wrap;margin-top:10px;color:var(--soft);font-size:12px}
        pre{margin:8px 0;padding:8px 12px;background:var(--raised);border-radius:6px;white-space:pre-wrap;
        overflow-wrap:anywhere}
        .note{margin:8px 0;color:var(--soft);font-size:13px}
        .problem{margin:0;padding:8px 12px;color:var(--bad)}
        .none{display:none;padding:24px 0;color:var(--soft);text-align:center}
        [hidden]{display:none!important}

        """

    private static let differences = """
        .found{margin-top:12px}
        .found th:first-child,.found td:first-child{width:32%;min-width:200px}
        .found td:nth-child(n+3){min-width:130px}
        .found td{padding:3px 12px 3px 0;vertical-align:top;border-bottom:1px solid var(--line);overflow-wrap:anywhere;
        font-size:12px}
        .found th{font-weight:500;color:var(--soft);font-size:12px;text-align:left;padding:0 12px 2px 0}
        .found .kind{white-space:nowrap;color:var(--soft)}
        .diff{table-layout:fixed;border:1px solid var(--line);border-radius:6px;border-collapse:separate;
        border-spacing:0;overflow:hidden;background:var(--sheet)}
        .diff th{width:50%;font-weight:500;font-size:12px;text-align:left;padding:3px 10px;color:var(--soft);
        background:var(--raised);border-bottom:1px solid var(--line)}
        .diff td{padding:0 10px;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.55;
        border-left:3px solid transparent}
        .diff td+td,.diff th+th{border-right:0}
        .diff td:nth-child(2){box-shadow:-1px 0 var(--line)}
        .diff .d td.l{background:var(--bad-back);border-left-color:var(--bad)}
        .diff .d td.r{background:var(--good-back);border-left-color:var(--good)}
        .diff .d td.void{background:var(--raised);border-left-color:transparent}
        .diff .a td{background:var(--warn-back)}
        .diff mark{color:inherit;border-radius:2px;font-weight:600}
        .diff .l mark{background:var(--bad-mark)}.diff .r mark{background:var(--new-mark)}
        .diff .fold td{background:var(--raised);color:var(--soft);padding:1px 10px;border-left-color:transparent;
        font-family:inherit;white-space:normal}
        .fold button{border:0;background:none;padding:0;color:var(--soft);font-size:12px}
        .fold button:hover{color:var(--accent)}
        .fold .mono{margin-left:10px}

        """

    private static let small = """
        footer{color:var(--soft);font-size:12px;padding:28px 0 40px}
        kbd{font:inherit;font-size:11px;border:1px solid var(--line);border-radius:4px;padding:0 5px;
        background:var(--sheet)}
        @media (max-width:860px){
        .pair{grid-template-columns:1fr}
        main,header>div{padding:0 14px}
        .row{grid-template-columns:12px 32px minmax(0,1fr) 32px 92px;gap:8px;padding:3px 10px}
        .method{min-width:0;margin-right:4px}
        .row .values{display:none}
        .inner{padding:4px 10px 14px}
        .filter{position:static}
        dl.facts{grid-template-columns:1fr}.facts dt{margin-top:4px}
        .values-column{display:none}
        }
        @media print{
        body{font-size:11px}
        .filter,.controls,footer kbd,.fold button::after{display:none!important}
        header{border:0}
        main,header>div{max-width:none;padding:0}
        .check,tr{break-inside:avoid}
        details.bad .check{break-inside:auto}
        .list,.sum,.diff{border-color:#bbb}
        *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
        }
        """
}
