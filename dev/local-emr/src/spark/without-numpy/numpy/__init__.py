"""Hides the installed numpy from pyspark, which would import it at each start (numpy-use.ts)."""

raise ImportError(
    "no file of this spark-submit step names numpy, so it is hidden to start faster; write `import numpy` in the script"
)
