"""Completion scripts in the shells they are for, the man page, and what make install puts where."""

import shutil
import subprocess

import pytest

import labeld
import liblabel
from labelctl import Ctl, commands


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("completion")
    ctl = Ctl(None, folder)
    for shell in ("bash", "zsh", "fish"):
        (folder / shell).write_text(ctl.run("completion", shell).stdout)
    return folder


def shell(name, *args):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    done = subprocess.run([name, *args], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stderr == "", done
    return done.stdout.split()


def bash(scripts, line):
    """What bash offers at the end of a line."""
    words = line.split(" ")
    quoted = " ".join(f"'{w}'" for w in words)
    return shell("bash", "-c", f"source {scripts}/bash; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1};"
                 " _labelctl; printf '%s\\n' \"${COMPREPLY[@]}\"")


CASES = [
    ("labelctl lo", {"login", "logout"}),
    ("labelctl job st", {"status", "stop", "stats"}),
    ("labelctl completion ", {"bash", "zsh", "fish"}),
    ("labelctl job wait 4 in", {"in_progress"}),
    ("labelctl image upload --conflict re", {"rename", "replace"}),
    ("labelctl job list --exclude-status p", {"pending"}),
    ("labelctl project download --no", {"--no-images"}),
    ("labelctl login --to", {"--token-stdin"}),
]


@pytest.mark.parametrize("line, offered", CASES)
def test_bash(scripts, line, offered):
    assert set(bash(scripts, line)) == offered


@pytest.mark.parametrize("line, offered", CASES)
def test_fish(scripts, line, offered):
    listed = shell("fish", "--no-config", "-c", f"source {scripts}/fish; complete -C '{line}' | cut -f1")
    assert set(listed) == offered


@pytest.mark.parametrize("line, offered", CASES)
def test_zsh(scripts, line, offered):
    """The script with the functions of zsh's completion system standing in, which collect the words."""
    words = " ".join(f"'{w}'" for w in line.split(" "))
    last = line.split(" ")[-1]
    text = f"""
words=({words}); CURRENT=$#words; PREFIX='{last}'
compadd() {{ print -l -- "$@" }}
_files() {{ }}
_describe() {{ local item; for item in "${{(@P)2}}"; do print -r -- "${{item%%:*}}"; done }}
_labelctl() {{ source {scripts}/zsh }}
_labelctl
"""
    listed = shell("zsh", "-f", "-c", text)
    assert {w for w in listed if w.startswith(last)} == offered


def test_every_command_is_offered(scripts):
    for command in commands():
        group, _, second = command.partition(" ")
        assert group in bash(scripts, "labelctl "), command
        assert not second or second in bash(scripts, f"labelctl {group} ")
        assert "--json" in bash(scripts, f"labelctl {command} --js")
    for name in ("zsh", "fish"):
        text = (scripts / name).read_text()
        assert all(command in text for command in commands())


def test_man_page():
    text = (labeld.ROOT / "man/labelctl.1").read_text()
    assert all(f".SS labelctl {c}" in text for c in commands())
    assert "130" in text[text.index(".SH EXIT STATUS"):]


def test_install(tmp_path):
    """make install with DESTDIR and PREFIX; the installed program works, completions stand where the
    shells look."""
    if not (labeld.ROOT / "build/labelctl").exists():
        pytest.skip("make has not been run")
    done = subprocess.run(["make", "-o", "all", "install", f"DESTDIR={tmp_path}", "PREFIX=/usr"], cwd=labeld.ROOT,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    usr = tmp_path / "usr"
    assert subprocess.run([usr / "bin/labelctl", "--version"], capture_output=True, env=liblabel.SAN).returncode == 0
    for path in ("share/bash-completion/completions/labelctl", "share/zsh/site-functions/_labelctl",
                 "share/fish/vendor_completions.d/labelctl.fish", "share/man/man1/labelctl.1"):
        assert "labelctl" in (usr / path).read_text(), path
