"""Runs a program in a terminal: pseudo-terminal.py STEPS PROGRAM ARGUMENT...

STEPS is JSON: a list of [text to wait for, action]; an action is a text to type, {"size": [rows, columns]} or {"kill": "TERM"}.
Prints one JSON object: what the terminal showed, the exit code, and whether its settings were the same afterwards.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

LIMIT_SECONDS = 15


def resize(descriptor, rows, columns):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main():
    steps = json.loads(sys.argv[1])
    ours, theirs = pty.openpty()
    resize(theirs, 33, 101)
    before = termios.tcgetattr(theirs)
    child = os.fork()
    if child == 0:
        os.close(ours)
        os.login_tty(theirs) if hasattr(os, "login_tty") else become_leader(theirs)
        os.execvp(sys.argv[2], sys.argv[2:])
    shown, seen, missing = b"", 0, []
    end = time.monotonic() + LIMIT_SECONDS

    def read():
        nonlocal shown
        if select.select([ours], [], [], 0.1)[0]:
            try:
                shown += os.read(ours, 65536)
            except OSError:
                return

    for text, action in steps:
        wanted = text.encode()
        while wanted not in shown[seen:] and time.monotonic() < end:
            read()
        if wanted not in shown[seen:]:
            missing.append(text)
            break
        seen = shown.index(wanted, seen) + len(wanted)
        if isinstance(action, str):
            os.write(ours, action.encode())
        elif "size" in action:
            resize(theirs, *action["size"])
            time.sleep(0.5)
        elif "kill" in action:
            os.kill(child, getattr(signal, "SIG" + action["kill"]))
    status = None
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        read()
    else:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    read()
    restored = termios.tcgetattr(theirs) == before
    code = os.waitstatus_to_exitcode(status)
    print(json.dumps({"shown": shown.decode(errors="replace"), "missing": missing, "code": code, "restored": restored}))


def become_leader(descriptor):
    os.setsid()
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)
    for number in (0, 1, 2):
        os.dup2(descriptor, number)


main()
