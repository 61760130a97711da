"""Time of all goroutines by state, from docs/format.md alone: python3 time_per_state.py TRACE. Needs pyarrow."""
import collections, json, struct, sys, zlib
import pyarrow.ipc as ipc

EXECUTING = {"GC assist marking", "GC worker (active)", "GC mark termination", "garbage collection", "garbage collection scan",
             "stopping the world", "flushing proc caches", "trace goroutine status", "trace proc status", "page trace flush",
             "dumping heap", "system stack"}
STATES = {"running": "execution", "copystack": "execution", "runnable": "schedWait", "waiting": "block",
          "leaked": "block", "syscall": "syscall", "preempted": "preempted", "idle": None, "dead": None, "deadextra": None}
NO_P = 65535


def fields(message):
    """Field number -> last value of a protobuf message, as far as fixed64, varint and bytes go."""
    found, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            found[key >> 3] = varint()
        elif key & 7 == 1:
            found[key >> 3], at = struct.unpack_from("<Q", message, at)[0], at + 8
        else:
            size = varint()
            found[key >> 3], at = message[at:at + size], at + size
    return found


def entries(path):
    """Name -> bytes, header by header from the front: a file that was cut off has no table of contents."""
    data, found, at = open(path, "rb").read(), {}, 0
    while data[at:at + 4] == b"PK\3\4":
        crc, size, _, name_size, extra_size = struct.unpack_from("<IIIHH", data, at + 14)
        body = at + 30 + name_size + extra_size
        content, at_name, at = data[body:body + size], at + 30, body + size
        if len(content) < size or zlib.crc32(content) != crc:
            break
        found.setdefault(data[at_name:at_name + name_size].decode(), content)
    return found


def tables(archive, kind):
    names = [name for name in archive if name.startswith(kind + "/")]
    return [ipc.open_file(archive[name]).read_all() for name in sorted(names, key=lambda n: (len(n), n))]


def phase_after(before, after, reason):
    if after != "waiting":
        return "after syscall" if (before, after) == ("syscall", "running") else STATES.get(after, "unknown")
    if before == "preempted" or reason == "preempted":
        return "preempted"
    return "system stack" if reason in EXECUTING else "block"


def time_per_state(path):
    archive, total = entries(path), collections.Counter()
    start = fields(fields(archive["gotape.pb"])[4])[1]
    born = {(row["pid"], row["goid"]): row for table in reversed(tables(archive, "goroutines")) for row in reversed(table.to_pylist())}
    known, now = {}, 0
    kind_of = lambda phase: "execution" if phase in ("after syscall", "system stack") else phase
    for table in tables(archive, "transitions"):
        time = int(table.schema.metadata[b"base_ns"]) - start
        for row in table.to_pylist():
            time += row["dt"]
            now = max(now, time)
            if row["goid"] == 0:
                continue
            g, before, after, p = (row.get("pid", 0), row["goid"]), row["from"], row["to"], row.get("p", NO_P)
            state, phase, since, last, had_p, tid = known.get(g, (None, None, now, now, False, 0))
            if state != before:  # the first row of it, or a change was missed
                alive = STATES.get(before, "unknown") is not None
                if state is None and alive:
                    info = next((born[key] for key in (g, *(k for k in born if g[0] == 0 and k[1] == g[1])) if key in born), None)
                    total["unknown"] += now - (min(info["first_seen_ns"], now) if info and info["origin"] == "created" else 0)
                elif state is not None and (alive or phase is not None):
                    total[kind_of(phase)] += last - since if phase else 0
                    total["unseen"] += now - last
                phase, since, last = "blank" if alive else None, now, now
            following = phase_after(before, after, row["reason"])
            executing = phase in ("execution", "after syscall", "system stack")
            if phase is None:
                since = now
            elif phase == "system stack" and following not in ("execution", "after syscall", "system stack"):
                total["execution"] += last - since  # it waited after all
                total["block"] += now - last
                since = now
            elif phase == "after syscall" and following == "schedWait" and p == NO_P and had_p and tid == row["tid"]:
                pass  # it was looking for a P all the time
            elif not (phase == following != "block" or executing and following in ("execution", "system stack")
                      or phase == "system stack" and following == "after syscall"
                      or phase == "block" and "leaked" in (before, after)):
                total[kind_of(phase)] += now - since
                since = now
            known[g] = (after, following, since, now, had_p or p != NO_P, row["tid"])
    end = now
    if "summary.pb" in archive:
        end = max(now, fields(fields(archive["summary.pb"])[1])[1] - start)
    for state, phase, since, last, *_ in known.values():
        if phase is not None:
            total[kind_of(phase)] += last - since
            total["unknown"] += end - last
    del total["blank"]
    return total


if __name__ == "__main__":
    print(json.dumps(time_per_state(sys.argv[1])))
