"""The loops over patients, compiled by Numba: 64 patients are the bits of one machine word."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Numbers = npt.NDArray[np.int32]

EMPTY = np.uint64(0)
_ONE = np.uint64(1)


@numba.njit(cache=True, nogil=True)
def _members(word):
    """How many bits are set."""
    word -= (word >> _ONE) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@numba.njit(cache=True, nogil=True)
def _lowest(word):
    """The place of the lowest bit that is set."""
    return np.int64(_members(~word & (word - _ONE)))


@numba.njit(cache=True, nogil=True)
def stepped(values, factor, limits, after, before, places, first):
    """For each number how many limits it reaches, written into `places`; -1 for one close to a limit or not finite.

    factor: turns the numbers' unit into that of the limits; after, before: what the numbers of each place lie between.
    first: for each place the position of the first number there, written; -1 where there is none.
    """
    first[:] = -1
    for position in range(len(values)):
        found = values[position] * factor
        place = np.searchsorted(limits, found, side="right")
        clear = after[place] < found < before[place]
        places[position] = place if clear else -1
        if clear and first[place] < 0:
            first[place] = position


@numba.njit(cache=True, nogil=True)
def gathered(columns, nothing):
    """Where the entries of each patient begin, and the entries one patient after the other, without `nothing`."""
    slots, patients = columns.shape
    starts = np.zeros(patients + 1, np.int64)
    for slot in range(slots):
        for patient in range(patients):
            starts[patient + 1] += columns[slot, patient] != nothing
    for patient in range(patients):
        starts[patient + 1] += starts[patient]
    entries = np.empty(starts[patients] + 1, np.int32)  # one more, since what is nothing is written as well
    for patient in range(patients):
        place = starts[patient]
        for slot in range(slots):
            entries[place] = columns[slot, patient]
            place += columns[slot, patient] != nothing
    return starts, entries[:-1]


@numba.njit(cache=True, nogil=True)
def mark_used(members, starts, entries, used):
    """Mark the entries that some member has."""
    for patient in members:
        for position in range(starts[patient], starts[patient + 1]):
            used[entries[position]] = True


class Patients(NamedTuple):
    """Whom to decide: `members` are positions in `starts` and `course_starts`, where what each has begins."""

    members: Array
    starts: Array
    entries: Array
    course_starts: Array
    courses: Array


class Inputs(NamedTuple):
    """On which wires entries and prior therapies put a patient.

    row_of: for each entry its row in `starts`, which says where its `wires` begin.
    certain, perhaps: parts x values x words, the conditions that each value of a part meets, or may meet.
    met_wires: for each condition the wire of those who meet it, and of those who may.
    """

    row_of: Array
    starts: Array
    wires: Array
    certain: Array
    perhaps: Array
    met_wires: Array


class Wiring(NamedTuple):
    """A circuit with what is read off it.

    gates: operation, two wires and the wire of the result; statuses: options x 4 wires.
    mark_from: where the wires of each option's marks begin in `marks`; tallies: wires whose patients are counted.
    """

    gates: Array
    statuses: Array
    mark_from: Array
    marks: Array
    tallies: Array


@numba.njit(cache=True, nogil=True)
def outcomes(patients, inputs, wiring, wires, status, marks, counts):
    """Decide 64 members at a time; a word holds a bit for each of them.

    wires: how many there are; status: options x members, written; marks: options x members x words, written;
    counts: of the tallies, added to.
    """
    words = np.zeros(wires, np.uint64)
    for block in range(0, len(patients.members), 64):
        size = min(64, len(patients.members) - block)
        words[:] = EMPTY
        words[1] = ~EMPTY
        for bit in range(size):
            _enter(patients, inputs, patients.members[block + bit], _ONE << np.uint64(bit), words)
        words[0] = EMPTY
        _follow(wiring.gates, words)
        present = ~EMPTY if size == 64 else (_ONE << np.uint64(size)) - _ONE
        for tally in range(len(wiring.tallies)):
            counts[tally] += _members(words[wiring.tallies[tally]] & present)
        _read(wiring, words, present, block, status, marks)


@numba.njit(cache=True, nogil=True)
def _enter(patients, inputs, patient, mask, words):
    """Put a patient on the wires of what its profile says."""
    for position in range(patients.starts[patient], patients.starts[patient + 1]):
        row = inputs.row_of[patients.entries[position]]
        for place in range(inputs.starts[row], inputs.starts[row + 1]):
            words[inputs.wires[place]] |= mask
    for course in range(patients.course_starts[patient], patients.course_starts[patient + 1]):
        for word in range(inputs.certain.shape[2]):
            met, perhaps = ~EMPTY, ~EMPTY
            for part in range(patients.courses.shape[1]):
                met &= inputs.certain[part, patients.courses[course, part], word]
                perhaps &= inputs.perhaps[part, patients.courses[course, part], word]
            while perhaps:
                bit = _lowest(perhaps)
                known = met >> np.uint64(bit) & _ONE
                words[inputs.met_wires[0 if known else 1, 64 * word + bit]] |= mask
                perhaps &= perhaps - _ONE


@numba.njit(cache=True, nogil=True)
def _follow(gates, words):
    for gate in range(gates.shape[0]):
        one, other = words[gates[gate, 1]], words[gates[gate, 2]]
        gate_kind = gates[gate, 0]
        if gate_kind == 0:
            words[gates[gate, 3]] = one & other
        elif gate_kind == 1:
            words[gates[gate, 3]] = one | other
        else:
            words[gates[gate, 3]] = one & ~other


@numba.njit(cache=True, nogil=True)
def _read(wiring, words, present, block, status, marks):
    """Write the status and the marks of 64 members."""
    for option in range(wiring.statuses.shape[0]):
        for code in range(4):
            word = words[wiring.statuses[option, code]] & present
            while word:
                status[option, block + _lowest(word)] = code + 1
                word &= word - _ONE
        for mark in range(wiring.mark_from[option], wiring.mark_from[option + 1]):
            word = words[wiring.marks[mark]] & present
            number = mark - wiring.mark_from[option]
            add = _ONE << np.uint64(number & 63)
            while word:
                marks[option, block + _lowest(word), number >> 6] |= add
                word &= word - _ONE


@numba.njit(cache=True, nogil=True)
def _hashed(code, marks):
    hashed = np.uint64(code) * np.uint64(0x9E3779B97F4A7C15)
    for word in marks:
        hashed = (hashed ^ word) * np.uint64(0xFF51AFD7ED558CCD)
        hashed ^= hashed >> np.uint64(32)
    return hashed


@numba.njit(cache=True, nogil=True)
def numbered(status, marks, seen, table, count, numbers):
    """For each member the number of its status and marks among those met so far, -1 for a status of 0.

    status: members; marks: members x words; numbers: members, written.
    seen: what was met, status and marks of each in a row; count: how many of them, in an array of one.
    table: by hash the number of what was met, -1 where a place is empty. Returns False where it has to grow.
    """
    size = np.uint64(len(table))
    for member in range(len(status)):
        code = status[member]
        if code == 0:
            numbers[member] = -1
            continue
        place = _hashed(code, marks[member]) % size
        while True:
            number = table[place]
            if number < 0:
                number = count[0]
                if number == len(seen):
                    return False
                seen[number, 0] = code
                seen[number, 1:] = marks[member]
                table[place] = number
                count[0] += 1
            same = seen[number, 0] == code
            for word in range(marks.shape[1]):
                same = same and seen[number, word + 1] == marks[member, word]
            if same:
                numbers[member] = number
                break
            place = (place + _ONE) % size
    return True


@numba.njit(cache=True, nogil=True)
def placed(seen, count, table):
    """Put what was met into an empty table."""
    size = np.uint64(len(table))
    for number in range(count):
        place = _hashed(seen[number, 0], seen[number, 1:]) % size
        while table[place] >= 0:
            place = (place + _ONE) % size
        table[place] = number


@numba.njit(cache=True, nogil=True)
def ranked(keys, ranks):
    """The rank of each option among those of its patient: one more than how many have a smaller key.

    keys: options x members, negative for an option that is not offered; ranks: written, 0 for those.
    """
    options, members = keys.shape
    offered = np.zeros(options, np.int32)
    for member in range(members):
        count = 0
        for option in range(options):
            if keys[option, member] >= 0:
                offered[count] = option
                count += 1
        for one in range(count):
            mine = keys[offered[one], member]
            before = 1
            for other in range(count):
                before += keys[offered[other], member] < mine
            ranks[offered[one], member] = before


@numba.njit(cache=True, nogil=True)
def count_lines(starts, courses, systemic, setting_counts, line_of, found):
    """For each patient the lines of systemic therapy at least and at most.

    courses: numbers of parts, of which names stand first, the setting second, the line third; setting_counts: for each
    setting 1 if it counts, 2 if it may, else 0; line_of: the line, 0 where it is not known; found: patients x 2,
    written.
    """
    for patient in range(len(starts) - 1):
        for most in range(2):
            numbered, others = 0, 0
            for course in range(starts[patient], starts[patient + 1]):
                counts = setting_counts[courses[course, 1]]
                if systemic[courses[course, 0]] and (counts == 1 or (most == 1 and counts == 2)):
                    line = line_of[courses[course, 2]]
                    if line:
                        numbered |= 1 << line
                    else:
                        others += 1
            highest, distinct = 0, 0
            for line in range(1, 32):
                if numbered >> line & 1:
                    highest = line
                    distinct += 1
            found[patient, most] = max(highest, distinct + others)


class Written(NamedTuple):
    """The columns of the rows that are written: a row for each option that is indicated."""

    patient: Array
    therapy: Array
    status: Array
    rank: Array
    rules: Array


@numba.njit(cache=True, nogil=True)
def flattened(found, rules_of, therapy_of, next_row, written):
    """Write the rows of each member from its `next_row` on, which goes ahead.

    found: members, status, rank and weights as in `Outcomes`; rules_of: where the rules of each option's weights begin,
    and their numbers; therapy_of: the number of each option's class.
    """
    members, status, rank, weights = found
    rules_from, rules = rules_of
    for member in range(len(members)):
        row = next_row[members[member]]
        for option in range(status.shape[0]):
            if status[option, member]:
                written.patient[row] = members[member]
                written.therapy[row] = therapy_of[option]
                written.status[row] = status[option, member]
                written.rank[row] = rank[option, member]
                written.rules[row] = rules[rules_from[option] + weights[option, member]]
                row += 1
        next_row[members[member]] = row


@numba.njit(cache=True, nogil=True)
def indicated(members, status, counts):
    """How many options are indicated for each member, written into `counts` by patient."""
    for member in range(len(members)):
        found = 0
        for option in range(status.shape[0]):
            found += status[option, member] != 0
        counts[members[member]] = found
