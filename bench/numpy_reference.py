"""The reference model (test/fixtures/reference-model.yaml) in NumPy, as somebody would write it by hand: arrays over the
draws, a loop over the months, the six clouds as rows of one array. Prints median milliseconds as JSON.

    python3 bench/numpy_reference.py 5 10000 16384     # rounds, then numbers of draws
"""

import json
import sys
import time

import numpy as np

MONTHS = 36
DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] * 3


def by_cloud(*values):
    return np.array(values, dtype=float)[:, None]


LIST_IN = by_cloud(5, 3, 1.25, 0.3, 0.27, 0.1)
LIST_OUT = by_cloud(25, 15, 10, 2.5, 1.1, 0.4)
CACHE_MULT = by_cloud(0.1, 0.1, 0.1, 0.25, 0.25, 0.5)
VERBOSITY = by_cloud(0.9, 1, 1.1, 1, 1.15, 1.2)
BETA = by_cloud(0.6, 0.8, 1, 1, 1.2, 1.1)
BATCH_SAVING = by_cloud(1, 1, 1, 0.8, 0, 1) * by_cloud(0.5, 0.5, 0.5, 0.5, 0, 0.4)
THRESHOLD = by_cloud(10000, 8000, 5000, 2000, 1500, 1000)
VOLUME_DISCOUNT = by_cloud(0.1, 0.1, 0.08, 0.05, 0.05, 0)
COMMITMENT = by_cloud(200, 150, 100, 50, 0, 0)
CLOUD_HOURS = by_cloud(2, 2, 2.5, 3, 3.5, 4)


def draw(random, count):
    """What is drawn once for the horizon, by name, and seven columns for each month."""
    once = {
        "growth": random.normal(0.02, 0.008, count),
        "drift": random.normal(-0.015, 0.006, count),
        "op_hours": random.triangular(5, 9, 15, count),
        "op_rate": random.lognormal(np.log(65), 0.12, count),
        "util": random.triangular(0.35, 0.55, 0.8, count),
        "pue": random.triangular(1.05, 1.2, 1.5, count),
        "tps": random.lognormal(np.log(1450), 0.2, count),
        "io_ratio": random.lognormal(np.log(6), 0.25, count),
        "cache_share": random.triangular(0.1, 0.35, 0.6, count),
        "batch_share": random.uniform(0, 0.4, count),
        "afr": random.lognormal(np.log(0.15), 0.5, count),
        "retry": random.triangular(0.005, 0.02, 0.08, count),
    }
    monthly = np.empty((MONTHS, 7, count))
    for month in range(MONTHS):
        monthly[month, :5] = random.standard_normal((5, count))
        monthly[month, 5:] = random.random((2, count))
    return once, monthly


def evaluate(once, monthly):
    """Eight series of MONTHS × draws: local, the six clouds, hybrid."""
    count = monthly.shape[2]
    kept = np.empty((MONTHS, 8, count))
    w_chat = np.full(count, np.log(300.0))
    w_agent = np.full(count, np.log(700.0))
    w_power = np.full(count, np.log(0.21))
    w_price = np.zeros(count)
    w_fx = np.full(count, np.log(0.92))
    servers = np.ones(count)
    servers_before = np.zeros(count)
    depreciation = np.zeros(count)
    book = np.zeros(count)
    hardware_price = 24000.0

    tokens_per_draw = 1 + once["io_ratio"]
    repeated = 1 + once["retry"]
    discount = 1 - once["batch_share"] * BATCH_SAVING
    fresh_price = LIST_IN * discount
    cached_price = LIST_IN * CACHE_MULT
    output_price = VERBOSITY * LIST_OUT * discount

    for month in range(MONTHS):
        z_chat, z_agent, z_power, z_price, z_fx, u_spike, u_fail = monthly[month]
        w_chat = w_chat + once["growth"] - 0.09**2 / 2 + 0.09 * z_chat
        w_agent = w_agent + 1.4 * once["growth"] - 0.12**2 / 2 + 0.12 * (0.6 * z_chat + np.sqrt(1 - 0.6**2) * z_agent)
        volume = np.exp(w_chat) + np.exp(w_agent)
        demand = volume * np.where(u_spike < 0.02, 10.0, 1.0)
        output = demand / tokens_per_draw
        reading = (demand - output) * repeated
        generated = output * repeated
        cached = reading * once["cache_share"]
        fresh = reading - cached
        gross = reading + generated

        hours = DAYS[month] * 24
        raw_capacity = once["tps"] * (3600 * hours / 1e6)
        capacity = raw_capacity * once["util"]
        servers = np.minimum(8, np.maximum(servers, np.ceil(volume * 1.25 / capacity)))
        hardware_price *= 1 - 0.008
        spent = (servers - servers_before) * hardware_price
        servers_before = servers
        depreciation = depreciation + spent * (0.8 / 48)
        book_before = book
        book = book + spent - depreciation
        capital = (book_before + book) * (0.5 * 0.08 / 12)
        served = np.minimum(gross, servers * capacity)
        load = served / (servers * raw_capacity)

        w_power = w_power + 0.08 * (np.log(0.21) - w_power) + 0.06 * z_power
        kwh = servers * (180 + 800 * load) * once["pue"] * (hours / 1000)
        electricity = kwh * (np.exp(w_power) + 0.085) + np.maximum(0, kwh - 1500) * 0.04 + 18.5
        wage = once["op_rate"] * 1.035 ** (month // 12)
        operations = (once["op_hours"] + 0.75 * (servers - 1)) * wage
        failures_expected = servers * once["afr"] / 12
        none = np.exp(-failures_expected)
        failures = np.where(u_fail < none, 0.0, np.where(u_fail < none * (1 + failures_expected), 1.0, 2.0))
        repairs = failures * (1900 + 3.5 * wage)
        lost = served * np.minimum(1, failures * 36 / (servers * hours))
        spill = gross - served + lost
        local = depreciation + capital + electricity + operations + repairs + servers * 184 + book * (0.012 / 12)

        w_price = w_price + once["drift"] + 0.035 * z_price
        w_fx = w_fx + 0.022 * (0.3 * z_power + np.sqrt(1 - 0.3**2) * z_fx)
        fx = np.exp(w_fx)
        usage = np.exp(BETA * w_price) * (fresh * fresh_price + cached * cached_price + generated * output_price) * 1.055
        bill = np.where(
            usage > THRESHOLD,
            THRESHOLD + (usage - THRESHOLD) * (1 - VOLUME_DISCOUNT),
            np.maximum(usage, COMMITMENT),
        )
        kept[month, 0] = local
        kept[month, 1:7] = bill * (fx * 1.01) + CLOUD_HOURS * wage
        kept[month, 7] = local + spill / gross * bill[2] * fx
    return kept


def median_ms(rounds, task):
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        task()
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)[len(times) // 2]


def main():
    rounds, *counts = (int(argument) for argument in sys.argv[1:])
    results = {"numpy": np.__version__}
    for count in counts:
        random = np.random.default_rng(1)
        once, monthly = draw(random, count)
        kept = evaluate(once, monthly)
        results[str(count)] = {
            "draw": median_ms(rounds, lambda: draw(random, count)),
            "evaluate": median_ms(rounds, lambda: evaluate(once, monthly)),
            "bands": median_ms(rounds, lambda: (np.quantile(kept, [0.05, 0.1, 0.5, 0.9, 0.95], axis=2), kept.mean(axis=2))),
            "check": [float(np.median(kept[0, 0])), float(np.median(kept[11, 3]))],
        }
    print(json.dumps(results))


main()
