#!/usr/bin/env python3
"""House rules that no compiler knows. Usage: checksrc.py [ROOT]

Banned calls, purpose comments, sizes of files and functions, order of the endpoint table, that every
UPDATE of a job moves its rev, that SQL stands only in the tables, and that nothing tracked is large.
"""

import pathlib
import re
import subprocess
import sys

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 800
TRACKED_BYTES_MAX = 1 << 20
PARAMETERS_MAX = 6

BANNED = {
    "strcpy": "memcpy or struct str", "strcat": "struct buf", "sprintf": "snprintf", "gets": "fgets",
    "atoi": "str_to_i64", "atol": "str_to_i64", "strtok": "memchr", "alloca": "the arena",
    "system": "nothing", "popen": "nothing", "scanf": "str_to_i64", "sscanf": "str_to_i64",
    "vsprintf": "vsnprintf",
}
# functions that may be longer: a reason each
LONG_OK = {
    "read_job": "one line for each column of the row",
    "put_job_head": "one line for each member of the object",
    "store_job_insert": "one line for each column of the row",
    "set_option": "one case for each option of the command line",
}


# signatures that a library or the row of a table dictates
CALLBACKS = {"http__access", "visit_query", "visit_header"}


def strip_comments(text):
    return re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)


def check_file(path, wrong):
    text = path.read_text()
    lines = text.splitlines()
    code = strip_comments(text)
    if not text.startswith("/*"):
        wrong.append(f"{path}:1: begin with a comment that says what this file is for")
    if len(lines) > FILE_LINES_MAX:
        wrong.append(f"{path}: {len(lines)} lines, at most {FILE_LINES_MAX}: is it still one thing?")
    for number, line in enumerate(lines, 1):
        if "\t" in line or line != line.rstrip():
            wrong.append(f"{path}:{number}: tab or trailing space")
        if re.search(r"(^|\s)//\s", line):
            wrong.append(f"{path}:{number}: use /* */ comments")
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            wrong.append(f"{path}:{number}: no notes to oneself; open an issue")
    for number, line in enumerate(code.splitlines(), 1):
        for name, instead in BANNED.items():
            if re.search(rf"(?<![\w.>]){name}\s*\(", line):
                wrong.append(f"{path}:{number}: {name} is banned; use {instead}")
    if "src" in path.parts and path.parent.name not in ("store", "db") and path.suffix in (".c", ".h"):
        for match in re.finditer(r'"(SELECT|INSERT INTO|UPDATE|DELETE FROM) ', code):
            number = code[:match.start()].count("\n") + 1
            wrong.append(f"{path}:{number}: SQL belongs into store/*.tbl")
    check_functions(path, code, wrong)


def check_functions(path, code, wrong):
    """Length and parameters of each function: its name stands in column 0 or behind a type, its body
    opens with { in column 0 and closes with } in column 0."""
    if path.suffix != ".c":
        return
    lines = code.splitlines()
    start = None
    for number, line in enumerate(lines):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            head = " ".join(lines[max(0, start - 5):start])
            name = (re.findall(r"(\w+)\s*\([^;{}]*\)\s*$", head) or ["?"])[-1]
            params = (re.findall(rf"{name}\s*\(([^;{{}}]*)\)\s*$", head) or [""])[-1]
            params_flat = re.sub(r"\([^()]*\)", "", params)
            count = params_flat.count(",") + 1 if params_flat.strip() not in ("", "void") else 0
            length = number - start - 1
            if length > FUNCTION_LINES_MAX and name not in LONG_OK:
                wrong.append(f"{path}:{start}: {name} has {length} lines, at most {FUNCTION_LINES_MAX}")
            if count > PARAMETERS_MAX and name not in CALLBACKS and not name.isupper():
                wrong.append(f"{path}:{start}: {name} has {count} parameters, at most {PARAMETERS_MAX}")
            start = None


def check_tables(root, wrong):
    text = (root / "src/api/endpoints.tbl").read_text()
    names = re.findall(r'^(?:ENDPOINT|PREPARE|PASSWORD|UPLOAD)\(\w+,\s*"([^"]+)"', text, flags=re.M)
    if names != sorted(names):
        wrong.append("src/api/endpoints.tbl: rows are not sorted by wire name")
    text = strip_comments("\n".join(p.read_text() for p in sorted(root.glob("src/store/statements*.tbl"))))
    for match in re.finditer(r"STMT2?\((\w+),(.*?)\)\n(?=STMT|#|\n|$)", text, flags=re.S):
        sql = re.sub(r'"\s*\n?\s*"', "", match[2])
        if re.search(r"UPDATE job SET", sql) and "rev = rev + 1" not in sql:
            wrong.append(f"statements.tbl: {match[1]} changes a job but not its rev")


def check_tracked(root, wrong):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True)
    for name in listed.stdout.decode().split("\0"):
        path = root / name
        if name and path.is_file() and path.stat().st_size > TRACKED_BYTES_MAX:
            wrong.append(f"{name}: larger than {TRACKED_BYTES_MAX} bytes")


def main(root="."):
    root = pathlib.Path(root)
    wrong = []
    for path in sorted([*root.glob("src/**/*.[ch]"), *root.glob("src/**/*.cc"), *root.glob("src/**/*.tbl"),
                        *root.glob("client/*.[ch]"), *root.glob("include/label/*.h"), *root.glob("labelctl/*.[ch]"),
                        *root.glob("examples/*.c"), *root.glob("tests/unit/*.c"), *root.glob("tests/client/*.[ch]"), *root.glob("fuzz/*.c"), *root.glob("bench/*.c")]):
        check_file(path, wrong)
    check_tables(root, wrong)
    check_tracked(root, wrong)
    print("\n".join(wrong) if wrong else "source: house rules are kept")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
