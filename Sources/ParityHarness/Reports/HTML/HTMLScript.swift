/// The page's script: filter, theme, keyboard. Without it everything can still be read.
enum HTMLScript {
    static let text = """
        "use strict";
        const root = document.documentElement;
        const all = (selector, from = document) => [...from.querySelectorAll(selector)];
        const one = (id) => document.getElementById(id);
        const kept = (() => { try { return window.localStorage; } catch { return null; } })();

        function showTheme(name) {
          if (name) root.dataset.theme = name; else delete root.dataset.theme;
          one("theme").textContent = name === "dark" ? "Dark" : name === "light" ? "Light" : "Auto";
        }
        one("theme").addEventListener("click", () => {
          const next = { "": "light", light: "dark", dark: "" }[root.dataset.theme || ""];
          showTheme(next);
          try { kept?.setItem("parity-theme", next); } catch {}
        });
        try { showTheme(kept?.getItem("parity-theme") || ""); } catch { showTheme(""); }

        const text = one("text"), differing = one("differing"), scenario = one("scenario"), subsystem = one("subsystem");
        function filter() {
          const words = text.value.toLowerCase().split(/\\s+/).filter(Boolean);
          let shown = 0;
          for (const group of all(".scenario")) {
            let any = 0;
            for (const check of all(".check", group)) {
              const content = check.dataset.text;
              const fits = (!differing.checked || check.classList.contains("bad"))
                && (!scenario.value || group.dataset.name === scenario.value)
                && (!subsystem.value || check.dataset.subsystem === subsystem.value)
                && words.every((word) => content.includes(word));
              check.hidden = !fits;
              if (fits) any += 1;
            }
            group.hidden = any === 0;
            shown += any;
          }
          one("shown").textContent = `${shown} shown`;
          one("none").style.display = shown ? "none" : "block";
        }
        for (const input of [text, differing, scenario, subsystem]) input.addEventListener("input", filter);

        const open = (value) => { for (const check of all("details.check")) if (!check.hidden) check.open = value; };
        one("open").addEventListener("click", () => open(true));
        one("close").addEventListener("click", () => open(false));

        document.addEventListener("click", (event) => {
          const route = event.target.closest("[data-find]");
          if (route) {
            text.value = route.dataset.find;
            differing.checked = false; scenario.value = ""; subsystem.value = route.dataset.in || "";
            filter();
            one("checks").scrollIntoView();
            text.focus({ preventScroll: true });
          }
          const fold = event.target.closest("[data-fold]");
          if (fold) {
            const lines = fold.closest("tbody").nextElementSibling;
            lines.hidden = !lines.hidden;
            fold.setAttribute("aria-expanded", String(!lines.hidden));
          }
        });

        function step(by) {
          const found = all("details.check.bad").filter((check) => !check.hidden && !check.closest("[hidden]"));
          if (!found.length) return;
          const here = found.indexOf(document.activeElement?.closest?.("details.check.bad"));
          const next = found[here < 0 ? (by > 0 ? 0 : found.length - 1) : (here + by + found.length) % found.length];
          next.open = true;
          next.querySelector("summary").focus();
          next.scrollIntoView({ block: "start" });
          window.scrollBy(0, -60);
        }
        document.addEventListener("keydown", (event) => {
          if (event.ctrlKey || event.metaKey || event.altKey) return;
          const typing = /^(INPUT|SELECT)$/.test(event.target.tagName);
          if (event.key === "Escape" && event.target === text) { text.value = ""; filter(); text.blur(); }
          if (typing) return;
          if (event.key === "/") { event.preventDefault(); text.focus(); }
          if (event.key === "j") step(1);
          if (event.key === "k") step(-1);
        });

        let closed = [];
        window.addEventListener("beforeprint", () => {
          closed = all("details.check.bad").filter((check) => !check.open && !check.hidden);
          for (const check of closed) check.open = true;
        });
        window.addEventListener("afterprint", () => { for (const check of closed) check.open = false; });
        const target = location.hash && one(location.hash.slice(1));
        if (target && target.tagName === "DETAILS") { target.open = true; target.scrollIntoView(); }
        filter();
        """
}
