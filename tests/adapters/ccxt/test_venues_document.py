"""docs/venues.md says what the code says."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"


def test_the_document_is_current() -> None:
    spec = spec_from_file_location("make_venues", DOCS / "make_venues.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "venues.md").read_text(encoding="utf-8") == module.render(), "run: python docs/make_venues.py"
