"""Driving labelctl from tests: as a script does, and at a terminal."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time

import liblabel


class Ctl:
    """labelctl as one account on one server, with a home folder of its own."""

    def __init__(self, server, home, token=None, **env):
        self.home = home
        kept = {k: v for k, v in os.environ.items()
                if not k.startswith(("SUPERVISELY_", "XDG_")) and k not in ("TEAM_ID", "WORKSPACE_ID", "ENV")}
        self.env = {**kept, **liblabel.SAN, "HOME": str(home), "TERM": "xterm",
                    "SUPERVISELY_PUBLIC_API_RETRIES": "2", "SUPERVISELY_PUBLIC_API_RETRY_SLEEP_SEC": "1"}
        if server is not None:
            self.env |= {"SERVER_ADDRESS": server.url, "API_TOKEN": token or server.token}
        self.env |= {k: str(v) for k, v in env.items()}

    def start(self, command, *args, env=None, **kw):
        argv = [liblabel.program("labelctl/labelctl"), *command.split(), *map(str, args)]
        return subprocess.Popen(argv, env={**self.env, **(env or {})}, cwd=self.home, **kw)

    def run(self, command, *args, code=0, stdin="", env=None):
        """Run a command that must end with this exit code; returns it with text output."""
        process = self.start(command, *args, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
        out, err = process.communicate(stdin, timeout=120)
        assert process.returncode == code, (command, args, process.returncode, out, err)
        assert "Sanitizer" not in err and "runtime error" not in err, err
        return subprocess.CompletedProcess(process.args, code, out, err)

    def json(self, command, *args, **kw):
        return json.loads(self.run(command, *args, "--json", **kw).stdout)

    def rows(self, command, *args, **kw):
        """The table it prints: a dictionary for each row. Cells are found by their column's place."""
        lines = self.run(command, *args, **kw).stdout.splitlines()
        return table(lines)

    def refused(self, code, command, *args, text="", **kw):
        done = self.run(command, *args, code=code, **kw)
        assert text.lower() in done.stderr.lower(), done.stderr
        assert done.stdout == "" and re.search("^labelctl: ", done.stderr, flags=re.M), done
        return done


def table(lines):
    """Cells do not touch: at least two blanks stand between columns, in every line."""
    edges = [i for i in range(max(map(len, lines)))
             if all(line[i:i + 2].strip() == "" for line in lines)]
    starts = [0] + [i + 2 for i in edges if i + 1 not in edges and any(line[i + 2:].strip() for line in lines)]
    cells = [[line[a:b].strip() for a, b in zip(starts, [*starts[1:], None])] for line in lines]
    return [dict(zip(cells[0], row)) for row in cells[1:]]


class Terminal:
    """A command at a pseudo-terminal of so many columns."""

    def __init__(self, ctl, command, *args, columns=100, env=None, stdout=None):
        import fcntl
        import struct
        import termios
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = ctl.start(command, *args, stdin=slave, stdout=stdout or slave, stderr=slave,
                                 env=env, preexec_fn=lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)))
        os.close(slave)
        self.text = ""

    def read(self, seconds=0.05):
        """What came meanwhile; None at the end."""
        if not select.select([self.master], [], [], seconds)[0]:
            return ""
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return None
        self.text += data.decode(errors="replace")
        return data

    def until(self, pattern, seconds=60):
        deadline = time.time() + seconds
        while not re.search(pattern, self.text):
            assert self.read() is not None and time.time() < deadline, self.text
        return re.search(pattern, self.text)

    def type(self, text):
        os.write(self.master, text.encode())

    def interrupt(self):
        """Ctrl-C, as the terminal sends it."""
        self.type("\x03")

    def end(self, seconds=60):
        """Read to its end; the exit code."""
        deadline = time.time() + seconds
        while self.read() is not None:
            if time.time() > deadline:
                self.process.send_signal(signal.SIGKILL)
                raise AssertionError("still running:\n" + self.text)
        os.close(self.master)
        return self.process.wait(timeout=10)

    def plain(self):
        """What was shown, without colours and cursor movements."""
        return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", self.text)


def commands():
    """All commands, by --help."""
    out = subprocess.run([liblabel.program("labelctl/labelctl"), "--help"], capture_output=True, text=True,
                         env={**os.environ, **liblabel.SAN}).stdout
    return re.findall(r"^  labelctl ([a-z][a-z ]*?)  +\S", out, flags=re.M)


