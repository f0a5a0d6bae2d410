"""The states of Mexico, by the letters that ISO 3166-2:MX gives them."""

REGIONS: tuple[str, ...] = (
    *("AGU", "BCN", "BCS", "CAM", "CHP", "CHH", "CMX", "COA", "COL", "DUR", "GUA", "GRO", "HID", "JAL", "MEX", "MIC"),
    *("MOR", "NAY", "NLE", "OAX", "PUE", "QUE", "ROO", "SLP", "SIN", "SON", "TAB", "TAM", "TLA", "VER", "YUC", "ZAC"),
)
"""All 32, in the order of their names: "Chiapas" before "Chihuahua", "México" before "Michoacán"."""
