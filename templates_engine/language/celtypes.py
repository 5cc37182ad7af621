"""CEL types by their names in compiled expressions: LIST<STRING>, MAP<STRING, DYN>."""

from cel_expr_python import cel

PLAIN = {
    name: getattr(cel.Type, name)
    for name in ("BOOL", "BYTES", "DOUBLE", "DURATION", "DYN", "INT", "NULL", "STRING", "TIMESTAMP", "UINT")
}


def named(name: str) -> cel.Type:
    """The type with this name; DYN if the name is unknown."""
    if name.startswith("LIST<"):
        return cel.Type.List(named(name[5:-1]))
    if name.startswith("MAP<"):
        key, _comma, value = name[4:-1].partition(", ")  # map keys are plain types
        return cel.Type.Map(named(key), named(value))
    return PLAIN.get(name, cel.Type.DYN)
