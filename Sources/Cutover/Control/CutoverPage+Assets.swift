extension CutoverPage {
    /// Light and dark by the reader's setting; under 60 em every row becomes a card.
    static let style = """
        :root{color-scheme:light dark;
        --paper:#fbfbf9;--card:#fff;--ink:#1c1e21;--dim:#62676e;--line:#dddfe2;
        --good:#1a7f37;--bad:#b42318;--legacy:#8a5a00;--shadow:#0b6e8f;--live:#7a3db8;--swift:#1a7f37;--wash:#fdecea}
        @media(prefers-color-scheme:dark){:root{
        --paper:#15171a;--card:#1d2024;--ink:#e6e7e9;--dim:#9aa0a8;--line:#33373d;
        --good:#5bd07a;--bad:#ff8a80;--legacy:#f0b74a;--shadow:#5cc8ec;--live:#c79bff;--swift:#5bd07a;--wash:#3a1f1d}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
        main{max-width:76rem;margin:0 auto;padding:1.5rem 1.25rem 3rem}
        h1{font-size:1.35rem;font-weight:500;margin:0 0 .8rem}
        h2{font-size:1rem;margin:2rem 0 .5rem}
        small{font-weight:400;color:var(--dim)}
        code{font:.86em ui-monospace,monospace;overflow-wrap:anywhere}
        dl{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:0}
        dt{font-size:.78rem;color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
        table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line)}
        th,td{padding:.42rem .6rem;text-align:left;border-top:1px solid var(--line);vertical-align:baseline}
        thead th{border-top:0;font-size:.78rem;font-weight:600;color:var(--dim);vertical-align:bottom}
        thead small{display:block}
        tbody th{font-weight:600}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        td em{font-style:normal}
        .mode{font-weight:600}
        .mode::before{content:"";display:inline-block;width:.55em;height:.55em;border-radius:50%;margin-right:.4em;
        background:currentColor}
        .legacy{color:var(--legacy)}.shadow{color:var(--shadow)}.live{color:var(--live)}.swift{color:var(--swift)}
        .good{color:var(--good)}.bad{color:var(--bad)}
        .notices{list-style:none;margin:1.2rem 0 0;padding:0}
        .notices li,#lost{background:var(--wash);border-left:4px solid var(--bad);padding:.5rem .8rem;margin:0 0 .4rem;
        overflow-wrap:anywhere}
        #lost{margin:0;position:sticky;top:0}
        .modes{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.6rem;margin:0;padding:0}
        .changes{list-style:none;margin:0;padding:0}
        .changes li{border-top:1px solid var(--line);padding:.35rem 0}
        .changes time{color:var(--dim)}.changes span{display:block;color:var(--dim);overflow-wrap:anywhere}
        footer{margin-top:2.2rem;color:var(--dim);font-size:.85rem}
        a{color:inherit}
        @media(max-width:60em){
        main{padding:1rem .8rem 2rem}
        thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        table,tbody,tr,td,tbody th{display:block}
        table{background:none;border:0}
        tr{background:var(--card);border:1px solid var(--line);margin:0 0 .6rem;padding:.3rem .7rem}
        tbody th{border:0;padding:.2rem 0}
        td,td.n{border:0;padding:.1rem 0;display:flex;justify-content:space-between;gap:1rem;text-align:right;
        white-space:normal}
        td::before{content:attr(data-label);color:var(--dim);text-align:left}}
        """

    /// Takes the node's new page over in place; what is on the screen stays when the node is gone, and says so.
    static let script = """
        (function(){
        var lost=document.getElementById("lost"),busy=false;
        function look(){
        if(busy||document.hidden)return;
        busy=true;
        var abort=new AbortController(),timer=setTimeout(function(){abort.abort()},5000);
        fetch("/cutover",{cache:"no-store",signal:abort.signal}).then(function(answer){
        if(!answer.ok)throw new Error(answer.status);
        return answer.text();
        }).then(function(text){
        var main=new DOMParser().parseFromString(text,"text/html").querySelector("main");
        if(!main)throw new Error("no page");
        document.querySelector("main").replaceWith(main);
        lost.hidden=true;
        }).catch(function(){
        lost.querySelector("span").textContent=document.querySelector("footer time").textContent;
        lost.hidden=false;
        }).finally(function(){clearTimeout(timer);busy=false});
        }
        setInterval(look,2000);
        document.addEventListener("visibilitychange",look);
        })();
        """
}
