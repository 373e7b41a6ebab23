"""A drawn plate: no photograph, no real vehicle."""

from __future__ import annotations

from xml.sax.saxutils import escape


def draw(plate: str, region: str) -> bytes:
    """An SVG picture of a plate that says that it is synthetic."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="120" viewBox="0 0 240 120">'
        '<rect x="2" y="2" width="236" height="116" rx="10" fill="#f4f4f0" stroke="#333"/>'
        '<g text-anchor="middle" font-family="sans-serif" fill="#1d2b4f">'
        f'<text x="120" y="24" font-size="14">{escape(region)}</text>'
        f'<text x="120" y="78" font-size="44" font-weight="bold">{escape(plate)}</text>'
        '<text x="120" y="108" font-size="12" fill="#a00">SYNTHETIC</text>'
        "</g></svg>"
    ).encode()
