"""Copies a jar without its signature: unsigned_jar.py <jar> <copy>.

A JVM checks each class of a signed jar anew at each start, and keeps none of them in an archive of
classes. The copy has the time of the jar, by which the JVM knows its archive as one of the same classes.
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
            # The sections after the first blank line hold the digests, by which it counts as signed.
            content = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[0] + b"\r\n\r\n"
        unsigned.writestr(entry, content)
shutil.copystat(jar, copy)
