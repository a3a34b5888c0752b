"""Values as text: `str`, `repr`, format specifications, `%` formatting. Our own: no template of the host is used."""

import datetime
from collections import Counter, defaultdict, deque
from fractions import Fraction

from runtime.solver.budget import OverBudget
from runtime.solver.programs.library.numbers import NUMBERS, fitted, round_half_even
from runtime.solver.programs.machine import Machine, Value, type_name

_MAX_WIDTH = 200
_MAX_PLACES = 60
_TEXT_BITS = 14_000


def whole_text(machine: Machine, value: int) -> str:
    """A whole number in decimal; very long ones are over budget (printing takes quadratic time)."""
    if value.bit_length() > _TEXT_BITS:
        raise OverBudget("a printed number of more than 4,200 digits")
    machine.spend(1 + (value.bit_length() >> 3))
    return str(int(value))


def number_text(machine: Machine, value: Value) -> str:
    """A number as Python prints it; a fraction that is no short decimal prints 17 significant digits."""
    if value is True or value is False:
        return str(value)
    if type(value) is int:
        return whole_text(machine, value)
    if value.denominator == 1 and abs(value) < 10**16:
        return f"{value.numerator}.0"
    return repr(float(value))


def to_text(machine: Machine, value: Value) -> str:
    """`str(value)`."""
    if type(value) is str:
        return value
    return to_repr(machine, value)


def to_repr(machine: Machine, value: Value) -> str:
    """`repr(value)`; nested values are paid for one by one."""
    machine.spend(4)
    kind = type(value)
    if kind in NUMBERS:
        return number_text(machine, value)
    if kind is str:
        machine.spend(len(value) >> 3)
        return repr(value)
    if value is None:
        return "None"
    if kind in (list, tuple, set, deque):
        return _series(machine, value, kind)
    if kind in (dict, Counter, defaultdict):
        items = [f"{to_repr(machine, key)}: {to_repr(machine, item)}" for key, item in value.items()]
        return joined(machine, "{", items, "}")
    if kind is range:
        return f"range({value.start}, {value.stop})"
    if kind in (datetime.date, datetime.datetime, datetime.timedelta, datetime.time):
        return str(value)
    return getattr(value, "shown", f"<{type_name(value)}>")


def _series(machine: Machine, value: Value, kind: type) -> str:
    items = [to_repr(machine, item) for item in value]
    if kind is tuple:
        return joined(machine, "(", items, ",)" if len(items) == 1 else ")")
    if kind is set:
        return joined(machine, "{", items, "}") if items else "set()"
    return joined(machine, "[", items, "]")


def joined(machine: Machine, start: str, items: list[str], end: str) -> str:
    """Items between brackets, the length checked first."""
    machine.meter.check_items(sum(map(len, items)) + 2 * len(items))
    return start + ", ".join(items) + end


def format_value(machine: Machine, value: Value, spec: str = "") -> str:
    """`format(value, spec)` for numbers and text: fill, align, sign, 0, width, comma, precision, d f e g % s."""
    machine.spend(60)
    if not spec:
        return to_text(machine, value)
    if isinstance(value, datetime.date | datetime.time):
        return format_time(machine, value, spec)
    fill, align, sign, width, comma, places, kind = _read_spec(spec)
    if type(value) in NUMBERS and kind != "s":
        body = _number_body(machine, value, comma, places, kind)
        negative = body.startswith("-")
        body = body.lstrip("-")
        mark = "-" if negative else sign if sign in ("+", " ") else ""
        if align == "=":
            return mark + body.rjust(width - len(mark), fill)
        return _padded(mark + body, fill, align or ">", width)
    body = to_text(machine, value)
    if kind not in ("", "s") or sign or comma:
        raise ValueError(f"unknown format code {kind!r} for {type_name(value)!r}")
    return _padded(body if places is None else body[:places], fill, align or "<", width)


def _padded(body: str, fill: str, align: str, width: int) -> str:
    if align == "<":
        return body.ljust(width, fill)
    return body.center(width, fill) if align == "^" else body.rjust(width, fill)


def _read_spec(spec: str) -> tuple[str, str, str, int, str, int | None, str]:
    rest, fill, align, sign = spec, " ", "", ""
    if rest[1:2] and rest[1] in "<>=^":
        fill, align, rest = rest[0], rest[1], rest[2:]
    elif rest[0] in "<>=^":
        align, rest = rest[0], rest[1:]
    if rest[:1] and rest[0] in "+- ":
        sign, rest = rest[0].replace("-", ""), rest[1:]
    if rest.startswith("0") and not align:
        fill, align, rest = "0", "=", rest[1:]
    width, rest = _read_digits(rest)
    comma = ""
    if rest[:1] and rest[0] in ",_":
        comma, rest = rest[0], rest[1:]
    places: int | None = None
    if rest.startswith("."):
        places, rest = _read_digits(rest[1:])
    if (
        rest not in ("", "d", "f", "F", "e", "g", "%", "s", "n")
        or width > _MAX_WIDTH
        or (places or 0) > _MAX_PLACES
    ):
        raise ValueError(f"invalid format specifier {spec[:40]!r}")
    return fill, align, sign, width, comma, places, rest


def _read_digits(text: str) -> tuple[int, str]:
    end = 0
    while end < len(text) and end < 4 and text[end] in "0123456789":
        end += 1
    return int(text[:end] or 0), text[end:]


def _number_body(machine: Machine, value: Value, comma: str, places: int | None, kind: str) -> str:
    if kind in ("e", "g") or (kind == "" and places is not None):
        return _float_body(value, comma, places, kind)
    if kind == "%":
        return (
            _fixed(machine, fitted(machine, Fraction(value) * 100), comma, 6 if places is None else places)
            + "%"
        )
    if kind in ("f", "F"):
        return _fixed(machine, value, comma, 6 if places is None else places)
    if type(value) is Fraction:
        if kind == "d":
            raise ValueError("unknown format code 'd' for 'float'")
        whole, dot, decimals = number_text(machine, value).partition(".")
        return (_grouped(whole, comma) if whole.lstrip("-").isdigit() else whole) + dot + decimals
    return _grouped(whole_text(machine, int(value)), comma)


def _float_body(value: Value, comma: str, places: int | None, kind: str) -> str:
    precision = "" if places is None else f".{places}"
    return format(float(value), f"{comma}{precision}{kind}")


def _fixed(machine: Machine, value: Value, comma: str, places: int) -> str:
    exact = round_half_even(machine, Fraction(value), places)
    scaled = whole_text(machine, abs(int(exact * 10**places))).rjust(places + 1, "0")
    whole, decimals = (scaled[:-places], scaled[-places:]) if places else (scaled, "")
    sign = "-" if value < 0 else ""
    return sign + _grouped(whole, comma) + ("." + decimals if decimals else "")


def _grouped(digits: str, comma: str) -> str:
    if not comma:
        return digits
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    head = len(digits) % 3
    groups = ([digits[:head]] if head else []) + [digits[i : i + 3] for i in range(head, len(digits), 3)]
    return sign + comma.join(groups)


def percent_format(machine: Machine, template: str, values: Value) -> str:
    """`template % values` for the codes d i f g e s and %%."""
    arguments = list(values) if type(values) is tuple else [values]
    pieces, rest = [], template
    machine.meter.check_items(len(template))
    while "%" in rest:
        before, _, rest = rest.partition("%")
        end = 0
        while end < len(rest) and end < 12 and rest[end] in "0123456789.+- ,":
            end += 1
        code, spec = rest[end : end + 1], rest[:end]
        rest = rest[end + 1 :]
        pieces.append(before)
        if code == "%":
            pieces.append("%")
        elif code and code in "difges" and arguments:
            pieces.append(_percent_piece(machine, arguments.pop(0), spec, code))
        else:
            raise ValueError("not enough or unknown % fields in a text")
    if arguments:
        raise TypeError("not all arguments converted during string formatting")
    return "".join([*pieces, rest])


def _percent_piece(machine: Machine, value: Value, spec: str, code: str) -> str:
    if code == "s":
        return format_value(machine, to_text(machine, value), (">" if spec else "") + spec)
    if code in "di":
        return format_value(machine, int(value), spec + "d")
    return format_value(machine, value, spec + code)


def brace_format(
    machine: Machine, template: str, arguments: tuple[Value, ...], named: dict[str, Value]
) -> str:
    """`template.format(...)` with fields that are empty, a number or a name, and a plain specification."""
    machine.meter.check_items(len(template))
    pieces: list[str] = []
    count = position = 0
    while position < len(template):
        mark = template[position]
        if mark in "{}" and template[position : position + 2] == mark * 2:
            pieces.append(mark)
            position += 2
        elif mark == "{":
            field, closed, _ = template[position + 1 :].partition("}")
            name, _, spec = field.partition(":")
            if not closed or "{" in field:
                raise ValueError("a broken field in a text's format")
            if not name:
                name, count = str(count), count + 1
            value = arguments[int(name)] if name.isdecimal() and len(name) < 4 else named[name]
            pieces.append(format_value(machine, value, spec))
            position += len(field) + 2
        elif mark == "}":
            raise ValueError("single '}' encountered in format string")
        else:
            pieces.append(mark)
            position += 1
    return "".join(pieces)


_DIRECTIVES = frozenset("YmdHMSIpAaBbyjf%")


def check_time_format(spec: str) -> str:
    """A `strftime` or `strptime` format of plain directives, each once, at most 60 characters."""
    pieces = spec.replace("%-", "%").split("%")
    codes = [piece[:1] for piece in pieces[1:] if piece]
    if len(spec) > 60 or len(set(codes)) < len(codes) or any(code not in _DIRECTIVES for code in codes):
        raise ValueError(f"time format {spec[:40]!r} is not one of the plain ones")
    return spec


def format_time(machine: Machine, value: Value, spec: str) -> str:
    """`value.strftime(spec)` for plain directives."""
    machine.spend(40)
    shown: str = value.strftime(check_time_format(spec))
    return shown
