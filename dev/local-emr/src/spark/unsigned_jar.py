"""Copies a jar without its signature: unsigned_jar.py <jar> <copy>.

At each start, the JVM verifies every class of a signed jar, and it does not put them into a class
archive. The copy keeps the jar's modification time, which the JVM compares with the archive.
"""

import re
import shutil
import sys
from zipfile import ZipFile

jar, copy = sys.argv[1:]
with ZipFile(jar) as signed, ZipFile(copy, "w") as unsigned:
    for entry in signed.infolist():
        content = signed.read(entry)
        if re.fullmatch(r"META-INF/[^/]+\.(SF|DSA|RSA|EC)", entry.filename):
            continue
        if entry.filename == "META-INF/MANIFEST.MF":
            # The sections after the first blank line contain the digests.
            content = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[0] + b"\r\n\r\n"
        unsigned.writestr(entry, content)
shutil.copystat(jar, copy)
