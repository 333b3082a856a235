"""frames.py - what the kernels of compiled texts keep in memory for a thread.

usage: frames.py CUBIN...

A line a kernel: its name and the bytes of its stack frame, where registers
that do not suffice are spilt to and arrays with changing indices stand.  A
cubin is an ELF file; its sections .nv.info hold records of a format, an
attribute and a size; with format 4 follow so many bytes, which for the
attribute 0x11 (frame size) are a symbol's number and the size.
"""
import struct
import sys

FRAME_SIZE = 0x11


def sections(b):
    off, = struct.unpack_from("<Q", b, 0x28)
    size, n, names = struct.unpack_from("<HHH", b, 0x3a)
    rows = [struct.unpack_from("<IIQQQQIIQQ", b, off + i * size)
            for i in range(n)]
    at = rows[names][4]
    return [(b[at + r[0]:b.index(0, at + r[0])].decode(), r) for r in rows]


def symbols(b, rows):
    for _, r in rows:
        if r[1] == 2:
            names = rows[r[6]][1][4]
            for i in range(r[5] // 24):
                name, = struct.unpack_from("<I", b, r[4] + 24 * i)
                end = b.index(0, names + name)
                yield b[names + name:end].decode()


def frames(b):
    rows = sections(b)
    names = list(symbols(b, rows))
    for name, r in rows:
        if not name.startswith(".nv.info"):
            continue
        at, end = r[4], r[4] + r[5]
        while at < end:
            form, what, size = struct.unpack_from("<BBH", b, at)
            if form == 4 and what == FRAME_SIZE:
                symbol, frame = struct.unpack_from("<II", b, at + 4)
                yield names[symbol], frame
            at += 4 + (size if form == 4 else 0)


def main():
    for path in sys.argv[1:]:
        with open(path, "rb") as f:
            b = f.read()
        if b[:4] != b"\x7fELF":
            sys.exit(f"{path}: no ELF file")
        for name, frame in frames(b):
            print(name, frame)


main()
