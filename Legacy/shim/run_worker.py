"""Entry of `ringrift legacy-worker`: the shim's command line, started as a script by the embedding."""
import sys

from ringrift_shim.__main__ import main

sys.exit(main(["worker", *sys.argv[1:]]))
