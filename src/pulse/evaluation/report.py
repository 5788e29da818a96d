"""What was measured, written into a page: each measurement owns one marked section and leaves the others alone."""

import re
from pathlib import Path

_TITLE = "# Quality\n\nMeasured on public sets by `pulse eval`, beside the baselines of the same run.\n"


def section(path: Path, name: str, text: str) -> None:
    """Replace the section `name` of the page at `path`, or add it at the end; the page is made where there is none."""
    page = path.read_text(encoding="utf-8") if path.exists() else _TITLE
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    body = f"{begin}\n{text.strip()}\n{end}"
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    page = marked.sub(lambda _: body, page, count=1) if marked.search(page) else f"{page.rstrip()}\n\n{body}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
