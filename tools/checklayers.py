#!/usr/bin/env python3
"""Fail when a file includes what its layer must not see. Usage: checklayers.py SRC LAYERS

Layers are the folders of SRC, and those folders beside SRC that LAYERS names (client, examples ...).
"""

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


def layer_files(src, allowed):
    """(file, layer) of each source file."""
    for top in [src, *(src.parent / name for name in sorted(allowed) if (src.parent / name).is_dir())]:
        for file in sorted(top.rglob("*")):
            if file.suffix in (".c", ".h", ".cc", ".tbl"):
                parts = file.relative_to(src.parent).parts[top == src:]
                yield file, parts[0] if len(parts) > 1 else file.stem


def main(src, layers):
    allowed, libraries = read_layers(layers)
    wrong = []
    for file, layer in layer_files(pathlib.Path(src), allowed):
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
