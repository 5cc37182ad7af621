"""CEL types by their names, as compiled expressions tell them: LIST<STRING>, MAP<STRING, DYN>."""

from cel_expr_python import cel

PLAIN = {
    name: getattr(cel.Type, name)
    for name in ("BOOL", "BYTES", "DOUBLE", "DURATION", "DYN", "INT", "NULL", "STRING", "TIMESTAMP", "UINT")
}


def named(name: str) -> cel.Type:
    """The type of this name; dynamic where it is none we know."""
    if name.startswith("LIST<"):
        return cel.Type.List(named(name[5:-1]))
    if name.startswith("MAP<"):
        key, _comma, value = name[4:-1].partition(", ")  # keys are plain
        return cel.Type.Map(named(key), named(value))
    return PLAIN.get(name, cel.Type.DYN)
