"""Dockerfiles, read as Docker reads them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcloud.containers.published.dockerfile import DEFAULT_PATH, Copy, Recipe, read
from labcloud.containers.published.runs import Command
from labcloud.containers.published.words import BadDockerfile


def recipe(*lines: str) -> Recipe:
    return read("\n".join(("FROM base", *lines)))


@pytest.mark.parametrize(
    ("line", "copy"),
    [
        ("COPY a /b", Copy(("a",), "/b")),
        ("COPY a b /c/", Copy(("a", "b"), "/c/")),
        ("COPY a b /c", Copy(("a", "b"), "/c/")),
        ("COPY . .", Copy((".",), "/")),
        ('COPY ["a b", "/c d/"]', Copy(("a b",), "/c d/")),
        ("COPY 'a b' /c", Copy(("a b",), "/c")),
        ("COPY\ta\t/b", Copy(("a",), "/b")),
        ("COPY --link --chmod=+x a /b", Copy(("a",), "/b", mode=0o755)),
        ("COPY --chmod=u=rw,go=r a /b", Copy(("a",), "/b", mode=0o644)),
        ("COPY a\\ b /c", Copy(("a b",), "/c")),
        ("COPY --chown=me:me --chmod=755 a /b", Copy(("a",), "/b", mode=0o755)),
        ("ADD a.tar.gz /b", Copy(("a.tar.gz",), "/b", unpacks=True)),
        ("copy a ../../b", Copy(("a",), "/b")),
    ],
)  # fmt: skip
def test_what_is_copied(line: str, copy: Copy) -> None:
    assert recipe(line).copies == [copy]


def test_the_working_directory_moves_on_and_is_where_copies_go() -> None:
    found = recipe("WORKDIR /opt", "WORKDIR program", "COPY a b", "COPY c ./", 'WORKDIR "/x y"')
    assert [copy.target for copy in found.copies] == ["/opt/program/b", "/opt/program/"]
    assert found.workdir == "/x y"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["ENV A=1 B='2 3' C=\"4 5\""], {"A": "1", "B": "2 3", "C": "4 5"}),
        (["ENV A one two"], {"A": "one two"}),
        (["ENV A=1", "ENV B=$A-${A} C=${N:-none} D=${A:+some}"],
         {"A": "1", "B": "1-1", "C": "none", "D": "some"}),
        (["ARG V=7", "ENV A=$V"], {"A": "7"}),
        (["ENV PATH=/mine:$PATH"], {"PATH": f"/mine:{DEFAULT_PATH}"}),
        (["ENV A=$nobody"], {"A": ""}),
        (["ENV A=1", "ENV B='$A' C=\\$A D=\"\\$A\" E=\"$A\""],
         {"A": "1", "B": "$A", "C": "$A", "D": "$A", "E": "1"}),
        (["ENV\tA=1", "ENV B\ttwo words"], {"A": "1", "B": "two words"}),
        (["ENV A=", "ENV B=${A-x} C=${A:-x} D=${N-x} E=${A+x} F=${A:+x}"],
         {"A": "", "B": "", "C": "x", "D": "x", "E": "x", "F": ""}),
        (["ARG A=1 B='2 3'", "ENV C=$A$B"], {"C": "12 3"}),
    ],
    ids=["quotes", "old-form", "variables", "argument", "path", "unknown", "escaped", "tabs",
         "colons", "arguments"],
)  # fmt: skip
def test_the_environment(lines: list[str], expected: dict[str, str]) -> None:
    assert recipe(*lines).environment == {"PATH": DEFAULT_PATH, **expected}


def test_an_entrypoint_as_a_list_and_as_a_line() -> None:
    assert recipe('ENTRYPOINT ["python3", "-u", "main.py"]').entrypoint == (
        "python3",
        "-u",
        "main.py",
    )
    assert recipe("ENTRYPOINT exec main").entrypoint == ("/bin/sh", "-c", "exec main")
    assert recipe("ENTRYPOINT x", "ENTRYPOINT []").entrypoint == ()
    assert recipe('SHELL ["/bin/bash", "-ec"]', "ENTRYPOINT main").entrypoint == (
        "/bin/bash",
        "-ec",
        "main",
    )


def test_lines_are_joined_and_comments_left_out() -> None:
    found = recipe(
        "# COPY a b", "RUN one \\", "    # not this", "", "    && two", "COPY a \\", "  /b"
    )
    assert found.copies == [Copy(("a",), "/b")]
    assert found.skipped == [("FROM", 1), ("RUN", 3)]


def test_the_escape_character_may_be_another() -> None:
    found = read("# escape=`\nFROM base\nCOPY a `\n  /b\n")
    assert found.copies == [Copy(("a",), "/b")]


def test_a_text_for_run_is_not_read_as_instructions() -> None:
    found = recipe("RUN <<EOF", "COPY a b", "EOF", "WORKDIR /x")
    assert (found.copies, found.workdir) == ([], "/x")


def test_only_the_last_stage_counts() -> None:
    found = read(
        "ARG T=1\nFROM one AS first\nENV A=1\nCOPY a /a\nFROM two\nCOPY --from=first /a /a\n"
        "ADD https://example.com/x /x\nCOPY b /b\n"
    )
    assert found.copies == [Copy(("b",), "/b")]
    assert "A" not in found.environment
    assert found.skipped == [("FROM", 5), ("COPY", 6), ("ADD", 7)]


def test_a_stage_goes_on_from_an_earlier_one() -> None:
    found = read("ARG A=1\nFROM x AS Base\nARG A\nENV B=$A\nCOPY a /a\nFROM base\nCOPY b /b\n")
    assert found.copies == [Copy(("a",), "/a"), Copy(("b",), "/b")]
    assert found.environment["B"] == "1"
    assert found.skipped == [("FROM", 2)]


def test_a_mark_of_the_byte_order_and_windows_ends_of_lines() -> None:
    assert read("\ufeffFROM x\r\nCOPY a \\\r\n  /b\r\n").copies == [Copy(("a",), "/b")]


def test_a_text_in_the_dockerfile_is_a_file() -> None:
    found = recipe(
        "ENV A=1", "COPY <<EOF /a/b.sh", "#!/bin/sh", "echo '$A'", "EOF",
        "COPY --chmod=755 <<-'ONE' <<TWO c /d/", "\t$A", "\tONE", "two", "TWO", "WORKDIR /x",
    )  # fmt: skip
    assert found.copies == [
        Copy((), "/a/b.sh", texts=(("EOF", "#!/bin/sh\necho '1'\n"),)),
        Copy(("c",), "/d/", mode=0o755, texts=(("ONE", "$A\n"), ("TWO", "two\n"))),
    ]
    assert found.workdir == "/x"


@pytest.mark.parametrize(
    ("line", "steps", "skipped"),
    [
        ("RUN chmod +x /a", ["chmod +x /a"], False),
        ("RUN mkdir -p $HERE && ln -s /a $HERE/b", ["mkdir -p /opt", "ln -s /a /opt/b"], False),
        ("RUN chmod 755 /a && apt-get install x", ["chmod 755 /a"], True),
        ("RUN apt-get install x", [], True),
        ("RUN cp a", [], True),
        ("RUN cp a b; rm a", [], True),
        ("RUN test -e a && cp a b || true", [], True),
        ("RUN echo 'x && cp a b && y'", [], True),
        ("RUN cp a b &&", [], True),
        ("RUN set -eux && cp -av a b", ["cp -av a b"], False),
        ("RUN mkdir -m 755 /a", [], True),
        ("RUN cp -t /a b", [], True),
        ("RUN cp --parents a b", [], True),
        ("RUN chmod --reference=a b", [], True),
        ("RUN chmod -R 755 /a", [], True),
        ("RUN mv -- a b", [], True),
        ("RUN cp a ~/b", [], True),
        ("RUN cp a $OF_BASE/b && cp a $HERE/b", ["cp a /opt/b"], True),
        ("RUN cp a ${OF_BASE:-/x}/b", [], True),
        ("RUN export HERE=/x && cp a $HERE/b", [], True),
        ("RUN HERE=/x && cp a $HERE/b", [], True),
        ("RUN cd - && cp a b", [], True),
        ("RUN cd $OF_BASE && cp a b", [], True),
        ("RUN cp", [], True),
        ("RUN chmod +x *.sh", [], True),
        ("RUN cp $(which a) b", [], True),
        ("RUN chmod +x '/a b*'", ["chmod +x /a b*"], False),
        ("RUN cp a b;", [], True),
        ('RUN ["chmod", "+x", "/a"]', ["chmod +x /a"], False),
        ('RUN ["chmod", "+x", "$HERE"]', ["chmod +x $HERE"], False),
        ('RUN ["chmod", 1]', [], True),
        ("RUN --mount=type=cache,target=/x cp a b", ["cp a b"], False),
        ("RUN --mount=type=bind,source=a,target=/x cp a b", [], True),
    ],
)
def test_commands_about_files_are_kept_of_run(line: str, steps: list[str], skipped: bool) -> None:
    found = recipe("ENV HERE=/opt", line)
    commands = [step for step in found.steps if isinstance(step, Command)]
    assert [" ".join(command.words) for command in commands] == steps
    assert (("RUN", 3) in found.skipped) is skipped
    assert found.changes_modes is (skipped and "chmod" in line)


def test_a_run_goes_on_in_the_folder_that_it_has_changed_to() -> None:
    found = recipe("WORKDIR /a", "RUN cd b && cp c d && cd /e && cp f g", "RUN cp h i")
    places = {step.words[1]: step.workdir for step in found.steps if isinstance(step, Command)}
    assert places == {"c": "/a/b", "f": "/e", "h": "/a"}
    assert found.skipped == [("FROM", 1)]


def test_what_does_not_change_how_a_program_runs_is_not_mentioned() -> None:
    found = recipe("EXPOSE 8080", "LABEL a=b", "VOLUME /x", "HEALTHCHECK NONE", "ONBUILD RUN x")
    assert found == Recipe(skipped=[("FROM", 1)])


@pytest.mark.parametrize(
    ("lines", "entrypoint", "command"),
    [
        (['CMD ["x", "y"]'], (), ("x", "y")),
        (["CMD x $Y"], (), ("/bin/sh", "-c", "x $Y")),
        (['CMD ["x"]', 'ENTRYPOINT ["e"]'], ("e",), ("x",)),
        (['CMD ["x"]', "CMD"], (), ()),
        # That of an earlier stage was for the entrypoint there.
        (['CMD ["x"]', "FROM first"], (), ("x",)),
        (['CMD ["x"]', "FROM first", 'ENTRYPOINT ["e"]'], ("e",), ()),
        (['CMD ["x"]', "FROM first", 'CMD ["z"]', 'ENTRYPOINT ["e"]'], ("e",), ("z",)),
    ],
)
def test_what_an_image_runs_where_nobody_says_anything_else(
    lines: list[str], entrypoint: tuple[str, ...], command: tuple[str, ...]
) -> None:
    found = read("\n".join(["FROM x AS first", *lines]))
    assert (found.entrypoint, found.command) == (entrypoint, command)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The Dockerfile has no FROM"),
        ("COPY a b\n", "Dockerfile, line 1: COPY stands before the first FROM"),
        ("FROM x\n\nCOPPY a b", "Dockerfile, line 3: unknown instruction COPPY"),
        ("FROM x\nCOPY a", "Dockerfile, line 2: COPY needs at least one source and a destination"),
        ("FROM x\nENV A", "Dockerfile, line 2: ENV needs a name and a value"),
        ("FROM x\nUSER", "Dockerfile, line 2: USER needs an argument"),
        ("FROM x\nWORKDIR $N", "Dockerfile, line 2: WORKDIR needs a path"),
        ('FROM x\nENTRYPOINT ["a", 1]', "Dockerfile, line 2: a list in JSON form must hold strings "
         "only"),
        ("FROM x\nENV A=b c", "Dockerfile, line 2: ENV takes name=value, and quotes around values "
         "with spaces"),
        ("FROM x\nCOPY 'a b", "Dockerfile, line 2: No closing quotation"),
        ("FROM x\nCOPY --parents a /a", "Dockerfile, line 2: labcloud does not implement --parents "
         "of COPY"),
        ("FROM x\nCOPY --chmod=9 a /a", "Dockerfile, line 2: --chmod=9 is no mode"),
        ("FROM x\nENV A='${B}'\"${B:?say it}\"", "Dockerfile, line 2: B: say it"),
        ("FROM x\nENV A=${B#c}", "Dockerfile, line 2: labcloud does not replace '${B#c}'"),
    ],
    ids=["empty", "no-from", "unknown", "copy", "env", "user", "workdir", "list",
         "env-words", "quote", "parents", "mode", "needed", "modifier"],
)  # fmt: skip
def test_mistakes_are_said_with_their_line(text: str, said: str) -> None:
    with pytest.raises(BadDockerfile) as refused:
        read(text)
    assert str(refused.value) == said


_WORDS = st.sampled_from(
    ["FROM", "COPY", "ENV", "RUN", "ARG", "WORKDIR", "ENTRYPOINT", "\\", "\n", "a=b", "$A", "'",
     '["', "<<X", "X", "--from=a", "--chmod=999", "# escape=`", "${A:-"]
)  # fmt: skip


@given(st.lists(_WORDS, max_size=20).map(" ".join))
def test_whatever_it_says_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadDockerfile):
        assert isinstance(read("FROM base\n" + text), Recipe)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["ENV A=" + "x" * 1000, *["ENV A=" + "$A" * 10] * 8], "a value has more than 131072"),
        (["ARG A=" + "x" * 1000, *["ARG A=" + "$A" * 10] * 8], "a value has more than 131072"),
        (["ENV A=" + "x" * 100_000, "COPY a /" + "$A" * 10_000], "a value has more than 131072"),
        (["ENV A=" + "x" * 100_000, "WORKDIR /" + "$A" * 10], "a value has more than 131072"),
        (
            ["ENV A=" + "x" * 100_000, *[f"ENV A{n}=$A" for n in range(20)]],
            "the variables have more than 1048576",
        ),
        (["# " + "x" * 2**20], "The Dockerfile has more than 1048576"),
    ],
)
def test_variables_do_not_grow_without_end(lines: list[str], message: str) -> None:
    with pytest.raises(BadDockerfile, match=message):
        recipe(*lines)


def test_an_entrypoint_of_lists_in_lists() -> None:
    assert recipe("ENTRYPOINT " + "[" * 100_000).entrypoint[:2] == ("/bin/sh", "-c")
