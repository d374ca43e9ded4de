"""Every mistake that a run may answer a client with: codes and sentences, read from the product's own source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from deliveries.intake.rules.sentences import SENTENCES

ROOT = Path(__file__).parents[1]
PLACES = ("deliveries/intake", "deliveries/content", "recipients/loading", "recipients/addresses.py")
# What operators read, or nobody: no client's mistake.
OTHERS = {"LEASE_LOST", "SPACE_LEASED", "DATABASE_AWAY", "RETRY_KEYS", "RETRY_NO_FILES", "RUN_STATE"}
CODE = re.compile(r"[A-Z]{3,}(_[A-Z]+)+")


class Scope:
    """A function of the product: what it says, and what it calls by a name first."""

    def __init__(self, tree: ast.AST) -> None:
        self.tree = tree
        self.given = {
            target.id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def said(self) -> Iterator[tuple[str, str]]:
        """Each code with the sentence that stands beside it, "" where it is put together elsewhere."""
        for node in ast.walk(self.tree):
            parts = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
            for place, part in enumerate(parts):
                code = part.value if isinstance(part, ast.Constant) else None
                if isinstance(code, str) and CODE.fullmatch(code) and code not in OTHERS:
                    texts = [text for text in map(self.text, parts[place + 1 :]) if " " in text]
                    yield code, re.sub(r"(?:…\W?)*…", "…", texts[0]) if texts else ""

    def text(self, node: ast.expr) -> str:
        """A sentence as it is written, "…" for each value; "" when the node is none."""
        if isinstance(node, ast.Name) and node.id in self.given:
            return self.text(self.given[node.id])
        if isinstance(node, ast.BinOp):
            return self.text(node.left) + (self.text(node.right) or "…")
        if isinstance(node, ast.JoinedStr):
            return "".join(self.text(part) if isinstance(part, ast.Constant) else "…" for part in node.values)
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def mistakes() -> set[tuple[str, str]]:
    """Code and sentence of each, "…" where a value stands; the sentence is "" where no source has it whole."""
    found = {(code, re.sub(r"\{\w+\}", "…", sentence)) for code, sentence in SENTENCES.items()}
    for place in PLACES:
        path = ROOT / place
        for file in [path] if path.is_file() else path.rglob("*.py"):
            functions = [
                node
                for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
                if isinstance(node, ast.FunctionDef)
            ]
            found |= {said for function in functions for said in Scope(function).said() if said[0] not in SENTENCES}
    whole = {code for code, words in found if words}
    return {(code, words) for code, words in found if words or code not in whole}
