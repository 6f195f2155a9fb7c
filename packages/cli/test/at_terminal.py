# Runs a program at a terminal of its own: what comes on stdin is typed there, what the terminal shows goes to stdout.
# argv: a text to wait for, what is typed then ("" = Ctrl-D), the program and its arguments.
import os, pty, sys

waited, typed, argv = sys.argv[1], sys.argv[2], sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(argv[0], argv)
shown = b''
answered = False
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    shown += part
    sys.stdout.buffer.write(part)
    if not answered and waited and waited.encode() in shown:
        answered = True
        os.write(terminal, typed.encode() + b'\n' if typed else b'\x04')
sys.stdout.buffer.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
