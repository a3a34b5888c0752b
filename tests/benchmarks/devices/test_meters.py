"""Meters read what a machine's files say, and say nothing where there are none."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.devices.meters import Meters, energy_counters


def put(root: Path, values: dict[str, str]) -> Path:
    """Files below a folder, as sysfs has them."""
    for name, value in values.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(value + "\n")
    return root


RAPL = {
    "class/powercap/intel-rapl:0/name": "package-0",
    "class/powercap/intel-rapl:0/energy_uj": "9000000",
    "class/powercap/intel-rapl:0/max_energy_range_uj": "10000000",
    "class/powercap/intel-rapl:0:0/name": "core",
    "class/powercap/intel-rapl:0:0/energy_uj": "5",
    "class/powercap/intel-rapl:1/name": "psys",
    "class/powercap/intel-rapl:1/energy_uj": "7",
}
SOCKET = {"class/hwmon/hwmon3/energy17_label": "Esocket0", "class/hwmon/hwmon3/energy17_input": "1000000"}
CORE = {"class/hwmon/hwmon3/energy1_label": "Ecore000", "class/hwmon/hwmon3/energy1_input": "1"}
BATTERY = {
    "class/power_supply/BAT0/status": "Discharging",
    "class/power_supply/BAT0/energy_now": "30000000",
    "class/power_supply/AC/online": "0",
}


def test_a_machine_that_meters_nothing_says_nothing(tmp_path: Path) -> None:
    meters = Meters(tmp_path, processors=[0])
    spent = meters.lap()
    assert (spent.energy_j, spent.mhz, spent.throttled) == (None, None, None)


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (RAPL | SOCKET | BATTERY, ["RAPL package-0"]),
        (SOCKET | CORE | BATTERY, ["hwmon Esocket0"]),
        (BATTERY, ["battery BAT0"]),
        (BATTERY | {"class/power_supply/BAT0/status": "Charging"}, []),
        (CORE, []),
    ],
)
def test_the_nearest_counter_is_taken(tmp_path: Path, files: dict[str, str], names: list[str]) -> None:
    assert [counter.name for counter in energy_counters(put(tmp_path, files))] == names


def test_a_counter_of_a_package_is_read_in_laps_and_over_its_end(tmp_path: Path) -> None:
    meters = Meters(put(tmp_path, RAPL), processors=[0])
    put(tmp_path, {"class/powercap/intel-rapl:0/energy_uj": "9500000"})
    assert meters.lap().energy_j == pytest.approx(0.5)
    put(tmp_path, {"class/powercap/intel-rapl:0/energy_uj": "1000000"})
    assert meters.lap().energy_j == pytest.approx(1.5)


def test_a_battery_counts_down_and_only_while_it_is_discharged(tmp_path: Path) -> None:
    meters = Meters(put(tmp_path, BATTERY), processors=[0])
    put(tmp_path, {"class/power_supply/BAT0/energy_now": "29999000"})
    assert meters.lap().energy_j == pytest.approx(3.6)
    put(tmp_path, {"class/power_supply/BAT0/status": "Charging"})
    assert meters.lap().energy_j is None


def test_clock_and_throttling_are_those_of_the_processors_used(tmp_path: Path) -> None:
    cpu = "devices/system/cpu/cpu{}/{}"
    files = {
        cpu.format(0, "cpufreq/scaling_cur_freq"): "2000000",
        cpu.format(1, "cpufreq/scaling_cur_freq"): "1000000",
        cpu.format(0, "thermal_throttle/core_throttle_count"): "4",
        cpu.format(1, "thermal_throttle/core_throttle_count"): "9",
    }
    meters = Meters(put(tmp_path, files), processors=[0])
    put(tmp_path, {cpu.format(0, "thermal_throttle/core_throttle_count"): "6"})
    spent = meters.lap()
    assert (spent.mhz, spent.throttled) == (2000, 2)
    assert meters.lap().throttled == 0


@pytest.mark.parametrize(("word", "throttled"), [("0", 0), ("50000", 0), ("50005", 1), ("2", 1)])
def test_a_boards_firmware_says_whether_it_throttles_now(tmp_path: Path, word: str, throttled: int) -> None:
    meters = Meters(put(tmp_path, {"devices/platform/soc/soc:firmware/get_throttled": word}), processors=[0])
    assert meters.lap().throttled == throttled


def test_processor_time_is_this_process_s() -> None:
    meters = Meters()
    begun = time.process_time()
    while time.process_time() - begun < 0.05:
        pass
    assert 50 <= meters.lap().cpu_ms < 200 and meters.lap().cpu_ms < 20


@pytest.mark.skipif(not Path("/proc/self/schedstat").is_file(), reason="the kernel does not tell")
def test_waiting_for_a_processor_is_told() -> None:
    """Two processes on one processor: this one waits about half of its time."""
    code = (
        "import os, sys, time\nfrom benchmarks.devices.meters import Meters\n"
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "child = os.fork()\nmeters, begun = Meters(), time.monotonic()\n"
        "while time.monotonic() - begun < 0.6: pass\n"
        "waited = meters.lap().waited_ms\n"
        "if not child: os._exit(0)\nos.waitpid(child, 0)\nprint(waited)"
    )
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert 100 < float(seen) < 600
