"""When the client is built, and what is said where it cannot be."""

import hashlib
from pathlib import Path

import pytest

from conscope_app.local.client import ClientNotBuilt, build, is_current, require_node


def a_tree(root: Path, *, made_of: str = "const a = 1;", source: str = "const a = 1;") -> Path:
    """A working copy whose client was built of `made_of`."""
    (root / "web/client").mkdir(parents=True)
    (root / "web/client/charts.js").write_text(source)
    (root / "web/static/built").mkdir(parents=True)
    digest = hashlib.sha256(made_of.encode()).hexdigest()
    (root / "web/static/built/sources.sha256").write_text(f"{digest}  client/charts.js\n")
    return root


def test_a_build_of_these_sources_is_not_made_again(tmp_path: Path) -> None:
    """No Node is asked for: so a source distribution installs without."""
    assert not build(a_tree(tmp_path))


@pytest.mark.parametrize("gone", ["web/client/charts.js", "web/static/built/sources.sha256"])
def test_a_build_that_lacks_something_is_not_current(tmp_path: Path, gone: str) -> None:
    """A source that is gone, or a build that was never made."""
    (a_tree(tmp_path) / gone).unlink()

    assert not is_current(tmp_path)


def test_a_build_of_other_sources_is_not_current(tmp_path: Path) -> None:
    """One character is enough."""
    assert not is_current(a_tree(tmp_path, source="const a = 2;"))


@pytest.mark.parametrize(
    ("there", "version", "said"),
    [
        pytest.param({}, "", "there is no `node`", id="nothing"),
        pytest.param({"node"}, "v20.1.0", "there is no `npm`", id="no npm"),
        pytest.param({"node", "npm"}, "v12.22.9", "`node` is v12.22.9", id="too old"),
        pytest.param({"node", "npm"}, "", "`node` is broken", id="it does not run"),
    ],
)
def test_what_is_missing_is_said(there: set[str], version: str, said: str) -> None:
    """With how to get it."""
    with pytest.raises(ClientNotBuilt, match="apt-get install nodejs npm") as refused:
        require_node(lambda name: name if name in there else None, lambda _: version)

    assert said in str(refused.value)


def test_a_node_that_is_new_enough_will_do() -> None:
    """The path of its npm comes back."""
    assert require_node(lambda name: f"/bin/{name}", lambda _: "v18.0.0") == "/bin/npm"
