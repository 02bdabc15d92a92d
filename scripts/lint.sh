#!/usr/bin/env bash
# Formatting (swift-format, strict), file sizes, and tracked files that must not be tracked.
set -uo pipefail
cd "$(dirname "$0")/.."
status=0
swift format lint --strict --recursive --parallel Sources Tests Package.swift || status=1

while read -r lines file; do
    if ((lines > 2000)); then echo "lint: $file has $lines lines (limit 2000)"; status=1; fi
    if ((lines > 500)) && ! head -n 5 "$file" | grep -qi 'long because'; then
        echo "lint: $file has $lines lines: over 500 a file says in its first lines why it is long ('Long because …')"
        status=1
    fi
done < <(git ls-files -co --exclude-standard 'Sources/*.swift' 'Tests/*.swift' 'Legacy/*.py' | xargs -r wc -l | awk '$2 != "total"')

tracked=$(git ls-files | grep -E '(^|/)(\.build[^/]*|\.venv|__pycache__|Package\.resolved|reports)(/|$)' || true)
if [ -n "$tracked" ]; then echo "lint: tracked by mistake: $tracked"; status=1; fi
if command -v python3 >/dev/null; then python3 - <<'P' || status=1
import ast, pathlib, sys
bad = 0
for path in pathlib.Path("Legacy").rglob("*.py"):
    try: ast.parse(path.read_text())
    except SyntaxError as error: print(f"lint: {path}: {error}"); bad = 1
sys.exit(bad)
P
else
    echo "lint: no python3 yet, Legacy/*.py is not checked"
fi
if ((status == 0)); then echo "lint: clean"; fi
exit $status
