#!/usr/bin/env python3
"""Write man/: section 3 from the headers of liblabel, section 1 from the help of the programs.

Usage: manpages.py [FOLDER]     FOLDER is man, unless a test wants the pages elsewhere
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADERS = ["base.h", "people.h", "data.h", "job.h"]
PROGRAMS = {"labeld": "labeling-jobs server", "labelctl": "work with a labeling-jobs server"}


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.M)


def uncomment(text):
    lines = text.strip().removeprefix("/*").removesuffix("*/").splitlines()
    return "\n".join(re.sub(r"^ \* ?", "", line).rstrip() for line in lines).strip()


def paragraphs(text):
    """Text with blank lines between paragraphs and "- " items to roff."""
    out = []
    for block in re.split(r"\n\s*\n", text):
        for item in re.split(r"^(?=- )", block, flags=re.M):
            bullet = item.startswith("- ")
            out.append(".IP \\(bu 2" if bullet else ".PP")
            out.append(escape(" ".join(item.removeprefix("- ").split())))
    return "\n".join(out)


def sections(header):
    """(title, source) of each part of a header between its dashed comments."""
    text = (ROOT / "include/label" / header).read_text()
    body = text[text.index('extern "C" {'):]
    body = body[body.index("#endif") + 6:body.rindex("#ifdef __cplusplus")]
    parts = re.split(r"^/\* ---- (.*?) ---- \*/\n", body, flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))


def functions(source):
    """(comment, declarations) of each documented group of functions."""
    pattern = r"(/\*(?:(?!\*/).)*?\*/)\n((?:LABEL_API (?:(?!;\n).)*;\n)+)"
    for comment, declared in re.findall(pattern, source, flags=re.S):
        yield uncomment(comment), declared.strip()


def names_of(source):
    return re.findall(r"LABEL_API [^;(]*?(label_\w+)\(", source)


def page(name, section, names, title, blocks):
    out = [f'.TH {name.upper()} {section} "" labeld "{title}"', ".SH NAME",
           ", ".join(names).replace("-", "\\-") + " \\- " + escape(title)]
    for heading, text in blocks:
        out += [f".SH {heading}", text]
    return "\n".join(out) + "\n"


def verbatim(text):
    return ".nf\n" + escape(text.strip()) + "\n.fi"


def group_page(title, source):
    described = []
    for comment, declared in functions(source):
        described += [f".SS {' '.join(names_of(declared))}", paragraphs(comment)]
    page_name = "label_" + title.split(" and ")[0].split(" ")[-1].rstrip("s")
    data = re.sub(r"(/\*(?:(?!\*/).)*?\*/\n)?(LABEL_API (?:(?!;\n).)*;\n)+", "", source, flags=re.S)
    data = re.sub(r"\n{3,}", "\n\n", data)
    calls = "\n".join(declared for _, declared in functions(source))
    calls = re.sub(r"^(LABEL_API | {10})", "", calls, flags=re.M)
    blocks = [("SYNOPSIS", verbatim("#include <label/label.h>\n\n" + calls)),
              ("DESCRIPTION", "\n".join(described))]
    if data.strip():
        blocks.append(("TYPES", verbatim(data)))
    blocks.append(("RETURN VALUE", paragraphs(
        "LABEL_OK, or what went wrong; the details are in *error. label(3) has the rules on memory, "
        "threads and errors that hold for all functions.")))
    blocks.append(("SEE ALSO", "label(3)"))
    return page_name, page(page_name, 3, names_of(source), title, blocks)


def main_page():
    base = (ROOT / "include/label/base.h").read_text()
    label = (ROOT / "include/label/label.h").read_text()
    rules = uncomment(base[:base.index("*/") + 2]).split("\n\n", 1)[1]
    example = uncomment(label[:label.index("*/") + 2])
    code = "\n".join(line[4:] for line in example.splitlines() if line.startswith("    "))
    errors = re.search(r"enum label_err \{\n(.*?)\};", base, flags=re.S)[1]
    error_list = "\n".join(
        f".TP\n.B {name}\n{escape(' '.join(text.split()))}" for name, text in
        re.findall(r"(LABEL_ERR_\w+), *(?:/\* (.*?) \*/)", errors, flags=re.S))
    retries = (
        "Calls that failed on the way, or that were answered with 408, 429, 499, 500, 502, 503, 504, 509, 598 or "
        "599, are sent again, up to ten times. Before the second attempt the library waits a second, and then "
        "twice as long each time up to a minute; or as long as Retry-After says, when that is longer. A call "
        "that changes something carries a name in the header x-operation-id, the same in all attempts, by which "
        "the server knows a repeat: it takes effect once.")
    return page("label", 3, ["label"], "C client of labeld", [
        ("SYNOPSIS", verbatim("#include <label/label.h>\n\ncc `pkg-config --cflags --libs label`")),
        ("DESCRIPTION", paragraphs(
            "One function for each call of the Python SDK that image projects and labeling jobs need, named after "
            "it: api.labeling_job.get_list() is label_job_get_list().") + "\n" + paragraphs(rules)),
        ("TYPES", verbatim("\n".join(source for header in HEADERS for _, source in sections(header)
                                     if not names_of(source)))),
        ("EXAMPLE", verbatim(code)),
        ("ERRORS", error_list),
        ("RETRIES", paragraphs(retries)),
        ("ENVIRONMENT", paragraphs(
            "SERVER_ADDRESS and API_TOKEN, read by label_open_from_env(); then local.env of the working folder and "
            "~/supervisely.env, which are not read when ENV is production. SUPERVISELY_PUBLIC_API_RETRIES and "
            "SUPERVISELY_PUBLIC_API_RETRY_SLEEP_SEC change the retries.")),
        ("SEE ALSO", ", ".join(sorted(name + "(3)" for name, _ in group_pages()))),
    ])


def group_pages():
    return [group_page(title, source) for header in HEADERS for title, source in sections(header)
            if names_of(source)]


def ask(program, *args):
    return subprocess.run([ROOT / "build" / program, *args], capture_output=True, text=True).stdout


def program_page(program, title):
    """From --help: the commands, and then the help of each."""
    overview = ask(program, "--help")
    commands = re.findall(rf"^  {program} ([a-z][a-z ]*?)  +(\S.*)$", overview, flags=re.M)
    described = []
    for command, summary in commands:
        text = ask(program, *command.split(), "--help")
        described += [f".SS {program} {command}", escape(summary[0].upper() + summary[1:] + "."), ".PP",
                      verbatim(text)]
    return page(program, 1, [program], title, [
        ("SYNOPSIS", f".B {program}\nCOMMAND [OPTION ...]"),
        ("DESCRIPTION", verbatim(overview)),
        ("COMMANDS", "\n".join(described)),
        ("EXIT STATUS", exit_status(overview)),
    ])


def exit_status(overview):
    """The program's own table of exit codes, or what holds for those that have none."""
    codes = re.findall(r"^  (\d+) +(\S.*)$", overview, flags=re.M) or [
        ("0", "done"), ("1", "it failed, and a line on standard error says why"), ("2", "wrong usage")]
    return "\n".join(f".TP\n.B {code}\n{escape(text)}" for code, text in codes)


def main(folder=ROOT / "man"):
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    (folder / "label.3").write_text(main_page())
    for name, text in group_pages():
        (folder / f"{name}.3").write_text(text)
    for program, title in PROGRAMS.items():
        if (ROOT / "build" / program).exists():
            (folder / f"{program}.1").write_text(program_page(program, title))


if __name__ == "__main__":
    main(*sys.argv[1:2])
