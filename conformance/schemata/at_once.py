"""All mutants of a crate in one build: the crate is compiled once, and a mutant costs no more than
the tests that reach it. See src/main.rs for what the build looks like."""

import collections
import concurrent.futures
import json
import math
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time

MARKED = re.compile(rb"/\*m(\d+)\*/.*?/\*\1m\*/", re.DOTALL)
SWITCH = re.compile(rb"__mutant\((\d+)\)")
FAILED = re.compile(r"^test (.+?)(?: - should panic)? \.\.\. FAILED$", re.MULTILINE)
NOT_CONST = re.compile(r"cannot call non-const (?:associated )?(?:function|method) `(.*)` in")
# Errors that a mutant may have because it stands beside the unchanged code: it is tried alone.
BESIDE = {"E0015", "E0282", "E0283", "E0382", "E0499", "E0502", "E0505", "E0506", "E0507", "E0509",
          "E0493", "E0658", "E0744"}
# What a test may take. A mutant may loop, or collect without an end.
MEMORY = 1 << 30
# Seconds of tests that are run at once at first; twice as many each time none turned red.
FIRST = 0.3
# A test that takes longer is a long one: whole state spaces, a cut at every byte, thousands of
# random cases. Seconds of processor.
LONG = 3
# Seconds of tests that are run on a mutant which none of them catches, unless long tests are run.
MOST = 6
# So many mutants are tried to turn a test red.
MOST_TRIES = 60

Test = collections.namedtuple("Test", "program name seconds reached")


def build(root, target, crate, tool, features, chosen):
    """Writes and compiles the schema. Gives the test programs, and what is unviable or alone."""
    by_id = {mutant["id"]: mutant for mutant in chosen}
    out, keep = {}, set()
    lib = f"crates/{crate}/src/lib.rs"
    files = {path.relative_to(root): path.read_bytes() for path in (root / lib).parent.rglob("*.rs")}
    try:
        # The library alone has nearly all the errors, and is checked sooner.
        for stage in ["check", "--lib"], ["test", "--no-run", "--lib", "--tests"]:
            while True:
                for name, text in files.items():
                    (root / name).write_bytes(text)
                within = [mutant for key, mutant in by_id.items() if key not in out]
                told = subprocess.run([tool, root, lib, *keep], input=json.dumps(within),
                                      check=True, capture_output=True, text=True).stdout
                for line in told.splitlines():
                    key, why = line.split("\t")
                    out[int(key)] = "unviable" if why == "a chain with let" else "alone"
                errors, programs = compile_it(root, target, crate, stage, features)
                if not errors:
                    break
                before = len(out) + len(keep)
                for error in errors:
                    assign(root, error, out, keep)
                if len(out) + len(keep) == before:
                    sys.exit("".join(error["rendered"] for error in errors[:3]) + "no mutant has these errors")
                print(f"{crate}: {len(errors)} errors, {len(out)} mutants are out", file=sys.stderr)
        return programs, out
    finally:
        for name, text in files.items():
            (root / name).write_bytes(text)


def compile_it(root, target, crate, stage, features):
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target), "CARGO_INCREMENTAL": "0",
                   "CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_PROFILE_DEV_OPT_LEVEL": "1",
                   "RUSTFLAGS": "--cap-lints=allow"}
    done = subprocess.run(["cargo", *stage, "-p", crate, f"--features={features}",
                           "--message-format=json"],
                          cwd=root, env=environment, capture_output=True, text=True)
    errors, programs = [], []
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message["reason"] == "compiler-message" and message["message"]["level"] == "error":
            errors.append(message["message"])
        if message["reason"] == "compiler-artifact" and message["profile"]["test"]:
            programs.append(message["executable"])
    errors = [error for error in errors if error["spans"]]
    if done.returncode and not errors:
        sys.exit(done.stderr)
    return errors, programs


def name_of(called):
    """The last name of a path as the compiler writes it, without its types:
    `iq::<impl connection::Connection<R>>::claim` and `Limits::<T>::new`."""
    return re.sub(r"(::)?<[^<>]*>$", "", called).rsplit("::", 1)[-1]


def assign(root, error, out, keep):
    """Says whose an error is."""
    code = (error["code"] or {}).get("code")
    called = NOT_CONST.search(error["message"])
    if called and "__mutant" not in called[1]:
        keep.add(name_of(called[1]))
        return
    spans = sorted(error["spans"], key=lambda span: not span["is_primary"])
    texts = [(span, (root / span["file_name"]).read_bytes()) for span in spans
             if (root / span["file_name"]).is_file()]
    for span, text in texts:
        for found in MARKED.finditer(text):
            if found.start() <= span["byte_start"] and span["byte_end"] <= found.end():
                out[int(found[1])] = "alone" if code in BESIDE else "unviable"
                return
    # It is about the place: none of the mutants in these lines can stand there.
    for span, text in texts:
        begin, end = text.rfind(b"\n", 0, span["byte_start"]), text.find(b"\n", span["byte_end"])
        for found in SWITCH.finditer(text, begin + 1, end if end >= 0 else len(text)):
            out.setdefault(int(found[1]), "alone")


def limited(seconds):
    """Before a test begins: what it may take of the memory and of the processor."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def start(program, where, names, environment, seconds):
    """Runs tests of a program, which may take as many seconds of the processor, and ten times
    that in all. Gives those that failed, the outcome, and the seconds of processor. If the
    program ended in another way, no test is said to have failed."""
    seconds = math.ceil(seconds)
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen([program, "--exact", *names], cwd=where, preexec_fn=lambda: limited(seconds),
                                   env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=subprocess.DEVNULL)
        timer = threading.Timer(60 + 10 * seconds, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timed_out = not timer.is_alive()
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        took = usage.ru_utime + usage.ru_stime
        if process.returncode == 0:
            return [], "passed", took
        if timed_out or took >= seconds:
            return [], "timeout", took
        out.seek(0)
        failed = FAILED.findall(out.read().decode(errors="replace"))
        return failed, "caught", took


def tests_of(programs, where, jobs, most):
    """Each test by itself: how long it takes, and which mutants it reaches. What takes longer than
    `most` seconds is left out."""
    names = []
    for program in programs:
        listed = subprocess.run([program, "--list", "--format=terse"], cwd=where, check=True,
                                capture_output=True, text=True).stdout
        names += [(program, line[:-len(": test")]) for line in listed.splitlines() if line.endswith(": test")]

    def one(pair):
        program, name = pair
        with tempfile.NamedTemporaryFile() as file:
            _, outcome, seconds = start(program, where, [name], {"MUTANTS_REACHED": file.name}, most)
            if outcome == "timeout":
                return None
            if outcome != "passed":
                print(f"left out, since it fails without a mutant: {name}", file=sys.stderr)
                return None
            return Test(program, name, seconds, frozenset(map(int, file.read().split())))

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return [test for test in pool.map(one, names) if test]


def parts(tests, most):
    """The quick ones first, as many as take `most` seconds; some at once, each part of one program."""
    left, much = [], FIRST
    for test in sorted(tests, key=lambda test: test.seconds):
        most -= test.seconds
        if most >= 0:
            left.append(test)
    while left:
        part, taken = [left[0]], left[0].seconds
        for test in left[1:]:
            if test.program == part[0].program and taken + test.seconds <= much:
                part.append(test)
                taken += test.seconds
        left = [test for test in left if test not in part]
        much *= 2
        yield part


def judge(mutant, tests, where, red, most):
    """Runs the tests that reach a mutant until one turns red."""
    for part in parts(tests, most):
        seconds = 2 + 10 * sum(test.seconds for test in part)
        failed, outcome, _ = start(part[0].program, where, [test.name for test in part],
                                   {"MUTANT": str(mutant["id"])}, seconds)
        if outcome != "passed":
            for name in failed:
                red.setdefault((stem(part[0]), name), mutant["name"])
            return outcome
    return "missed"


def show_red(tests, reaching, by_id, where, jobs, red):
    """Breaks what each test that has not been red yet reaches, until it is."""
    left = [test for test in tests if (stem(test), test.name) not in red]

    def one(test):
        # What fewest tests reach is what this one is about.
        of = sorted(test.reached & by_id.keys(), key=lambda key: (len(reaching[key]), key))
        for key in of[:MOST_TRIES if test.seconds < LONG else 5]:
            _, outcome, _ = start(test.program, where, [test.name], {"MUTANT": str(key)},
                                  2 + 10 * test.seconds)
            if outcome != "passed":
                red[(stem(test), test.name)] = by_id[key]["name"]
                return

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, left))
    for test in left:
        if (stem(test), test.name) not in red:
            print(f"no mutant turned this test red: {stem(test)}\t{test.name}")


def stem(test):
    return re.sub(r"-[0-9a-f]+$", "", pathlib.Path(test.program).name)


def run(root, target, crate, tool, features, chosen, args, tell, red):
    """Tells the outcome of each mutant; gives those that have to be tried alone."""
    programs, out = build(root, target, crate, tool, features, chosen)
    for mutant in chosen:
        if out.get(mutant["id"]) == "unviable":
            tell(mutant, "unviable")
    where = root / "crates" / crate
    begun = time.monotonic()
    tests = tests_of(programs, where, args.jobs, 600 if args.long else LONG)
    print(f"{crate}: {len(tests)} tests of {len(programs)} programs, each by itself in "
          f"{time.monotonic() - begun:.0f} s", file=sys.stderr)
    reaching = collections.defaultdict(list)
    for test in tests:
        for key in test.reached:
            reaching[key].append(test)
    lock, done = threading.Lock(), []
    left = [mutant for mutant in chosen if mutant["left"] and mutant["id"] not in out]

    def one(mutant):
        outcome = judge(mutant, reaching[mutant["id"]], where, red, math.inf if args.long else MOST)
        with lock:
            tell(mutant, outcome)
            done.append(outcome)
            if len(done) % 100 == 0:
                print(f"{crate}: {len(done)} of {len(left)}, {done.count('missed')} missed", file=sys.stderr)

    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(one, left))
    if args.tests:
        by_id = {mutant["id"]: mutant for mutant in chosen if mutant["id"] not in out}
        show_red(tests, reaching, by_id, where, args.jobs, red)
    return [mutant for mutant in chosen if out.get(mutant["id"]) == "alone"]
