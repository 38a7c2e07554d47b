#!/usr/bin/env python3
"""Fail when a file of src/ includes what its layer must not see. Usage: checklayers.py SRC LAYERS"""

import pathlib
import re
import sys


def read_layers(path):
    allowed, libraries = {}, {}
    for line in pathlib.Path(path).read_text().splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, others = line.split(":", 1)
        (libraries if name.startswith("<") else allowed)[name.strip("<>")] = set(others.split())
    return allowed, libraries


def main(src, layers):
    allowed, libraries = read_layers(layers)
    wrong = []
    src = pathlib.Path(src)
    for file in sorted(src.rglob("*")):
        if file.suffix not in (".c", ".h", ".cc", ".tbl"):
            continue
        parts = file.relative_to(src).parts
        layer = parts[0] if len(parts) > 1 else file.stem
        if layer not in allowed:
            wrong.append(f"{file}: {layer} is not in {layers}")
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            quoted = re.match(r'\s*#\s*include\s+"([^"/]+)/', line)
            if quoted and quoted[1] != layer and quoted[1] not in allowed[layer]:
                wrong.append(f"{file}:{number}: {layer} must not include {quoted[1]}")
            angled = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            for prefix, layers_of in libraries.items():
                if angled and angled[1].startswith(prefix) and layer not in layers_of:
                    wrong.append(f"{file}:{number}: only {', '.join(sorted(layers_of))} may include <{angled[1]}>")
    print("\n".join(wrong) if wrong else f"layers: {len(allowed)} layers are in order")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
