"""Which programs the flags leave wholly to the legacy: the binary's rules (DESIGN section 3), read without the binary.

Standard library only. The flags file is read as `Sources/Cutover/Flags` reads it; a test holds both side by side.
"""
import errno
import os
import stat

ROLLBACK = "RINGRIFT_ROLLBACK"
FILE = "RINGRIFT_IMPL_FILE"
MODES = ("legacy", "shadow", "live", "swift")
SUBSYSTEMS = {
    "p2p": ("resource", "network", "leadership", "data_sync", "scheduling", "selfplay", "training", "tournament",
            "observability", "orchestrator"),
    "loop": ("config", "data_collection", "training", "evaluation", "promotion", "loop"),
    "improvement": ("selfplay", "training", "evaluation", "promotion", "checkpointing", "loop"),
}
MAXIMUM_SIZE = 1 << 20
BLANKS = " \t\r"


def variable(program=None, subsystem=None):
    return "_".join(["RINGRIFT_IMPL", *(part.upper() for part in (program, subsystem) if part)])


NAMES = {ROLLBACK, variable(), *(variable(program) for program in SUBSYSTEMS),
         *(variable(program, part) for program, parts in SUBSYSTEMS.items() for part in parts)}


def settings_of_environment(environment):
    return {name: value for name, value in environment.items() if name in NAMES and value}


class Unreadable(Exception):
    """There is something, and nobody knows what it says."""


def read(path):
    """The file's text; None when there is none or nothing in it.

    Raises Unreadable."""
    try:
        # Not blocking: something else than a file may be at the path.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        raise Unreadable(str(error)) from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unreadable("not a regular file")
        try:
            data = file.read(MAXIMUM_SIZE + 1)
        except OSError as error:
            raise Unreadable(str(error)) from None
    if len(data) > MAXIMUM_SIZE or 0 in data:
        raise Unreadable("not the text of a flags file")
    if not data.strip(b" \t\r\n"):
        return None
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    kinds = [parse(line)[0] for line in text.split("\n") if line.strip(BLANKS)]
    if kinds and all(kind == "malformed" for kind in kinds):
        raise Unreadable("no line of it is NAME=VALUE")
    return text


def parse(line):
    """One line: ("other" | "unknown" | "malformed", None, None) or ("set", name, value)."""
    rest = line.lstrip(BLANKS)
    if not rest or rest[0] == "#":
        return "other", None, None
    if rest.startswith("export") and rest[6:7] and rest[6] in BLANKS:
        rest = rest[6:].lstrip(BLANKS)
    length = 0
    while length < len(rest) and rest[length].isascii() and (rest[length].isalnum() or rest[length] == "_"):
        length += 1
    name, rest = rest[:length], rest[length:]
    tail = rest.lstrip(BLANKS)
    if not tail.startswith("="):
        # `RINGRIFT_IMPL_P2P legacy` names something, and what it says is unknown.
        return ("set", name, "(no =)" + rest) if name in NAMES else ("malformed", None, None)
    if not name:
        return "malformed", None, None
    return ("set", name, value_of(tail[1:])) if name in NAMES else ("unknown", None, None)


def value_of(text):
    start = text.lstrip(BLANKS)
    if start and start[0] in "\"'":
        end = start.find(start[0], 1)
        after = start[end + 1:]
        behind = after.lstrip(BLANKS)
        # Behind the second quote: nothing, or a comment behind a blank.
        if end > 0 and (not behind or (behind[0] == "#" and len(behind) < len(after))):
            return start[1:end]
        return text.strip(BLANKS)
    for index, letter in enumerate(text):
        if letter == "#" and (text[index - 1] if index else "=") in BLANKS:
            return text[:index].strip(BLANKS)
    return text.strip(BLANKS)


def settings_of_text(text):
    settings = {}
    for line in text.split("\n"):
        kind, name, value = parse(line)
        if kind == "set":
            settings[name] = value
    return {name: value for name, value in settings.items() if value}


def setting(settings, program, subsystem):
    """What one source says about one subsystem, None when it does not name it. An unknown value is `legacy`."""
    if settings.get(ROLLBACK, "0") != "0":
        return "legacy"
    for name in (variable(program, subsystem), variable(program), variable()):
        if name in settings:
            return settings[name] if settings[name] in MODES else "legacy"
    return None


def modes(program, environment, tree, fallback="swift"):
    """The mode of every subsystem of a program: the lower of what the environment and the file say."""
    path = environment.get(FILE) or f"{tree}/logs/cutover/flags.env"
    said = settings_of_environment(environment)
    try:
        text, unknown = read(path), False
    except Unreadable:
        text, unknown = None, True
    if text is None:
        try:
            text = read(path + ".last-good")
        except Unreadable:
            pass
    written = settings_of_text(text) if text is not None else {}
    found = {}
    for part in SUBSYSTEMS[program]:
        # Nobody knows what the file says, and it may hold a rollback.
        in_file = "legacy" if unknown and text is None else setting(written, program, part)
        given = [mode for mode in (setting(said, program, part), in_file) if mode]
        found[part] = min(given, key=MODES.index) if given else fallback
    return found


def is_pure(program, environment, tree):
    """Whether nothing of the program is ours, so that the legacy's own file runs."""
    return set(modes(program, environment, tree).values()) == {"legacy"}
